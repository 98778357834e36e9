import { readlinkSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { isRecord } from '../../api/values.ts';
import { t } from '../base/l10n.ts';
import { withoutLinks } from '../base/readableText.ts';
import { remember } from '../base/history.ts';
import { pickFolder } from '../base/pickFolder.ts';
import type { LastCommand } from '../terminal/lastCommands.ts';
import { terminalShell } from '../terminal/terminalShell.ts';
import { jobTitle, shorten } from '../../text/grammar.ts';
import { confirms, inform, warn } from './acting.ts';
import { startShown, targets, trusted, type App, type Handler } from './app.ts';

/** Maximum time for a command to end after Ctrl+C. */
const interruptMs = 10_000;
const ctrlC = '\x03';
const aboutShellIntegration = 'https://code.visualstudio.com/docs/terminal/shell-integration';

/**
 * The last command line of the terminal given, or of the active one. `{whileRunning: 'second' | 'stop'}` can be given
 * after it: what to do when the command is still running.
 */
export const runLastCommand = trusted((app, args) => runLast(app, args, false));

export const editLastCommand = trusted((app, args) => runLast(app, args, true));

/** Starts the selection of the active terminal as a script for its shell. */
export const startTerminalSelection = trusted(async (app, args) => {
  const terminal = terminalOf(args);
  const command = terminal && (await selectedText()).trim();
  if (!command) return inform(t('Select a command in a terminal first.'));
  return startInShell(app, terminal, command);
});

/** By id, or from the tree, without a question. Closing the terminal leaves the job running. */
export const openTerminal: Handler = async (app, args) => {
  const question = { flag: 'attach', title: t('Open in Terminal'), none: t('No jobs have run.') } as const;
  const { jobs } = await targets(app, args, question);
  for (const job of jobs) {
    if (job.array) inform(t('Each task of "{0}" has its own output. Select a task.', jobTitle(job)));
    else app.terminals.show(job);
  }
};

async function runLast(app: App, args: unknown[], edits: boolean): Promise<unknown> {
  const terminal = terminalOf(args);
  const last = terminal && app.lastCommands.of(terminal);
  if (!last) return tellWhyNone(terminal);
  const { commandLine, cwd } = last.execution;
  const place = await placeOf(terminal, last, cwd);
  const command = await confirmed(commandLine, edits);
  if (command === undefined || !(await mayStart(terminal, last, args[1]))) return;
  return startInShell(app, terminal, command, place);
}

/**
 * Where the command was started: while it runs, the folder of the shell. The editor may know an older one, when the line was
 * typed before the one above it had ended.
 */
async function placeOf(
  terminal: vscode.Terminal,
  { isRunning }: LastCommand,
  known: vscode.Uri | undefined,
): Promise<vscode.Uri | undefined> {
  if (!isRunning || process.platform !== 'linux' || known?.scheme !== 'file') return known;
  try {
    return vscode.Uri.file(readlinkSync(`/proc/${await terminal.processId}/cwd`));
  } catch {
    return known; // It has ended, or is that of another user.
  }
}

async function startInShell(
  app: App,
  terminal: vscode.Terminal,
  command: string,
  place = terminal.shellIntegration?.cwd,
): Promise<unknown> {
  const { name, state, creationOptions } = terminal;
  const shellPath = 'shellPath' in creationOptions ? creationOptions.shellPath : undefined;
  const shell = terminalShell(state.shell, shellPath, process.env['SHELL'], process.platform);
  if (shell === null) return warn(t('The terminal "{0}" runs {1}, which is not a shell.', name, state.shell ?? ''));
  const cwd = folderAt(place) ?? (await pickFolder());
  if (cwd === undefined) return;
  const job = await startShown(app, { request: { command, cwd, ...(shell === undefined ? {} : { shell }) } });
  await remember(app.context.workspaceState, { command, cwd });
  return job;
}

/** The terminal on which a menu was opened, otherwise the active one. */
function terminalOf([given]: unknown[]): vscode.Terminal | undefined {
  return vscode.window.terminals.find((terminal) => terminal === given) ?? vscode.window.activeTerminal;
}

/** The shell, and its folder, may be on another machine. */
function folderAt(place: vscode.Uri | undefined): string | undefined {
  if (place?.scheme !== 'file') return undefined;
  return statSync(place.fsPath, { throwIfNoEntry: false })?.isDirectory() ? place.fsPath : undefined;
}

async function tellWhyNone(terminal: vscode.Terminal | undefined): Promise<void> {
  if (!terminal) return inform(t('Open a terminal and run a command first.'));
  if (terminal.shellIntegration) {
    return inform(t('No command has run in the terminal "{0}" since this window was opened.', terminal.name));
  }
  const learn = t('Learn More');
  const text = t('The terminal "{0}" has no shell integration, so its commands are unknown.', terminal.name);
  if ((await vscode.window.showWarningMessage(withoutLinks(text), learn)) !== learn) return;
  await vscode.env.openExternal(vscode.Uri.parse(aboutShellIntegration));
}

/**
 * What is to be started. A line that the shell did not report itself, or that a program could have forged, starts only
 * when a person has seen it; so do several lines.
 */
async function confirmed(
  { value, confidence, isTrusted }: vscode.TerminalShellExecutionCommandLine,
  edits: boolean,
): Promise<string | undefined> {
  const isLong = value.includes('\n');
  // Between its lines the shell has prompted, and what was read may hold that.
  if (isTrusted && !edits && !isLong) return value;
  const title = t('Run Last Terminal Command in Background');
  const unsure =
    confidence === vscode.TerminalShellExecutionCommandLineConfidence.Low
      ? t('Check this command, then press Enter: it was read from the screen and may be incomplete.')
      : t("Check this command, then press Enter: the shell didn't confirm it.");
  const doubt = isTrusted ? undefined : unsure;
  if (!isLong) {
    const prompt = doubt ?? t('Command line, which runs in the folder of the terminal');
    const typed = await vscode.window.showInputBox({ title, prompt, value });
    return typed?.trim() === '' ? undefined : typed;
  }
  if (edits) {
    const document = await vscode.workspace.openTextDocument({ language: 'shellscript', content: value });
    await vscode.window.showTextDocument(document);
    return inform(t('Edit the lines, select them, and run the command "Run Selection in Background".'));
  }
  const advice = doubt ?? t('These lines were read from the terminal. Review them before you run them.');
  return (await confirms(title, t('Start'), `${advice}\n\n${value}`)) ? value : undefined;
}

/** Prompts when the command is still running. */
async function mayStart(terminal: vscode.Terminal, last: LastCommand, given: unknown): Promise<boolean> {
  if (!last.isRunning) return true;
  const items = [
    { label: t('$(play) Start a Second One'), whileRunning: 'second' },
    { label: t('$(debug-stop) Stop It First (Ctrl+C)'), whileRunning: 'stop' },
  ];
  const title = t('The command is still running in the terminal "{0}"', terminal.name);
  const placeHolder = shorten(last.execution.commandLine.value, 200);
  const isGiven = isRecord(given) && 'whileRunning' in given;
  const choice = isGiven ? given : await vscode.window.showQuickPick(items, { title, placeHolder });
  return choice?.['whileRunning'] === 'stop' ? interrupt(terminal, last) : choice !== undefined;
}

async function interrupt(terminal: vscode.Terminal, last: LastCommand): Promise<boolean> {
  terminal.sendText(ctrlC, false);
  const location = vscode.ProgressLocation.Notification;
  await vscode.window.withProgress({ location, title: t('Waiting for the command to stop…') }, () =>
    Promise.race([last.ended, delay(interruptMs)]),
  );
  if (!last.isRunning) return true;
  warn(t('The command in the terminal "{0}" did not stop after Ctrl+C. No job was started.', terminal.name));
  return false;
}

/** Reads the selection through the clipboard, which is restored: there is no API for it. */
async function selectedText(): Promise<string> {
  const { clipboard } = vscode.env;
  const before = await clipboard.readText();
  await clipboard.writeText('');
  try {
    await vscode.commands.executeCommand('workbench.action.terminal.copySelection');
    return await clipboard.readText();
  } finally {
    await clipboard.writeText(before);
  }
}
