import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { withoutLinks, isRecord } from '../base/readableText.ts';
import { History } from '../start/history.ts';
import { pickFolder } from '../start/startFolder.ts';
import { startJob } from '../host/startJob.ts';
import type { LastCommand } from '../terminal/lastCommands.ts';
import { terminalShell } from '../terminal/terminalShell.ts';
import { requireTrust } from '../base/trust.ts';
import { shorten } from '../../text/grammar.ts';
import type { App, Handler } from './app.ts';

/** Maximum time for a command to end after Ctrl+C. */
const interruptMs = 10_000;
const ctrlC = '\x03';
const aboutShellIntegration = 'https://code.visualstudio.com/docs/terminal/shell-integration';

/**
 * The last command line of the terminal given, or of the active one. `{whileRunning: 'second' | 'stop'}` can be given
 * after it: what to do when the command is still running.
 */
export const runLastCommand: Handler = (app, args) => runLast(app, args, false);

export const editLastCommand: Handler = (app, args) => runLast(app, args, true);

/** Starts the selection of the active terminal as a script for its shell. */
export const startTerminalSelection: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const terminal = terminalOf(args);
  const command = terminal && (await selectedText()).trim();
  if (!command) {
    void vscode.window.showInformationMessage(t('Select a command in a terminal first.'));
    return;
  }
  return startInShell(app, terminal, command, terminal.shellIntegration?.cwd);
};

async function runLast(app: App, args: unknown[], edits: boolean): Promise<unknown> {
  if (!(await requireTrust())) return;
  const terminal = terminalOf(args);
  const last = terminal && app.lastCommands.of(terminal);
  if (!last) return tellWhyNone(terminal);
  const { commandLine, cwd } = last.execution;
  const command = await confirmed(commandLine, edits);
  if (command === undefined || !(await mayStart(terminal, last, args[1]))) return;
  return startInShell(app, terminal, command, cwd ?? terminal.shellIntegration?.cwd);
}

async function startInShell(
  app: App,
  terminal: vscode.Terminal,
  command: string,
  place: vscode.Uri | undefined,
): Promise<unknown> {
  const shell = terminalShell(terminal.state.shell, shellPath(terminal), process.env['SHELL'], process.platform);
  if (shell === null) {
    const text = t('The terminal "{0}" runs {1}, which is not a shell.', terminal.name, terminal.state.shell ?? '');
    void vscode.window.showWarningMessage(withoutLinks(text));
    return;
  }
  const cwd = folderAt(place) ?? (await pickFolder());
  if (cwd === undefined) return;
  const job = await startJob(app, { request: { command, cwd, ...(shell === undefined ? {} : { shell }) } });
  await new History(app.context.workspaceState).add({ command, cwd });
  await app.reveal(job.id);
  return job;
}

/** The terminal on which a menu was opened, otherwise the active one. */
function terminalOf([given]: unknown[]): vscode.Terminal | undefined {
  return vscode.window.terminals.find((terminal) => terminal === given) ?? vscode.window.activeTerminal;
}

function shellPath({ creationOptions }: vscode.Terminal): string | undefined {
  return 'shellPath' in creationOptions ? creationOptions.shellPath : undefined;
}

/** The shell, and its folder, may be on another machine. */
function folderAt(place: vscode.Uri | undefined): string | undefined {
  if (place?.scheme !== 'file') return undefined;
  return statSync(place.fsPath, { throwIfNoEntry: false })?.isDirectory() ? place.fsPath : undefined;
}

async function tellWhyNone(terminal: vscode.Terminal | undefined): Promise<void> {
  if (!terminal) {
    void vscode.window.showInformationMessage(t('Open a terminal and run a command first.'));
  } else if (terminal.shellIntegration) {
    void vscode.window.showInformationMessage(
      withoutLinks(t('No command has run in the terminal "{0}" since this window was opened.', terminal.name)),
    );
  } else {
    const learn = t('Learn More');
    const text = t('The terminal "{0}" has no shell integration, so its commands are unknown.', terminal.name);
    if ((await vscode.window.showWarningMessage(withoutLinks(text), learn)) !== learn) return;
    await vscode.env.openExternal(vscode.Uri.parse(aboutShellIntegration));
  }
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
  const doubt = isTrusted ? undefined : doubtAbout(confidence);
  if (!isLong) {
    const prompt = doubt ?? t('Command line, which runs in the folder of the terminal');
    const typed = await vscode.window.showInputBox({ title, prompt, value });
    return typed?.trim() === '' ? undefined : typed;
  }
  if (edits) {
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument({ language: 'shellscript', content: value }),
    );
    void vscode.window.showInformationMessage(
      t('Edit the lines, select them, and run the command "Run Selection in Background".'),
    );
    return undefined;
  }
  const yes = t('Start');
  const detail = [doubt ?? t('These lines were read from the terminal. Review them before you run them.'), value].join(
    '\n\n',
  );
  return (await vscode.window.showWarningMessage(title, { modal: true, detail }, yes)) === yes ? value : undefined;
}

function doubtAbout(confidence: vscode.TerminalShellExecutionCommandLineConfidence): string {
  return confidence === vscode.TerminalShellExecutionCommandLineConfidence.Low
    ? t('Check this command, then press Enter: it was read from the screen and may be incomplete.')
    : t("Check this command, then press Enter: the shell didn't confirm it.");
}

/** Prompts when the command is still running. */
async function mayStart(terminal: vscode.Terminal, last: LastCommand, given: unknown): Promise<boolean> {
  if (!last.isRunning) return true;
  const choice = isRecord(given) && 'whileRunning' in given ? given : await askWhatFirst(terminal, last);
  return choice?.['whileRunning'] === 'stop' ? interrupt(terminal, last) : choice !== undefined;
}

function askWhatFirst(
  { name }: vscode.Terminal,
  { execution }: LastCommand,
): Thenable<Record<string, unknown> | undefined> {
  return vscode.window.showQuickPick(
    [
      { label: t('$(play) Start a Second One'), whileRunning: 'second' },
      { label: t('$(debug-stop) Stop It First (Ctrl+C)'), whileRunning: 'stop' },
    ],
    {
      title: t('The command is still running in the terminal "{0}"', name),
      placeHolder: shorten(execution.commandLine.value, 200),
    },
  );
}

async function interrupt(terminal: vscode.Terminal, last: LastCommand): Promise<boolean> {
  terminal.sendText(ctrlC, false);
  const location = vscode.ProgressLocation.Notification;
  await vscode.window.withProgress({ location, title: t('Waiting for the command to stop…') }, () =>
    Promise.race([last.ended, delay(interruptMs)]),
  );
  if (!last.isRunning) return true;
  void vscode.window.showWarningMessage(
    withoutLinks(t('The command in the terminal "{0}" did not stop after Ctrl+C. No job was started.', terminal.name)),
  );
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
