import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands, type CommandId } from '../../src/extension/base/ids.ts';
import type { Job } from '../../src/api/job.ts';
import { until } from '../helpers/until.ts';
import { extension, removeAllJobs, service, untilEnded, untilRunning, workspaceFolder } from './support.ts';

const run = (command: CommandId, ...args: unknown[]): Thenable<Job | undefined> =>
  vscode.commands.executeCommand<Job | undefined>(command, ...args);

describe('The last command of a terminal', () => {
  const terminals: vscode.Terminal[] = [];
  afterEach(async () => {
    for (const terminal of terminals.splice(0)) terminal.dispose();
    await removeAllJobs();
  });

  async function open(options: vscode.TerminalOptions | vscode.ExtensionTerminalOptions): Promise<vscode.Terminal> {
    const terminal = 'pty' in options ? vscode.window.createTerminal(options) : vscode.window.createTerminal(options);
    terminals.push(terminal);
    terminal.show();
    await until('the terminal is active', () => vscode.window.activeTerminal === terminal || undefined);
    return terminal;
  }

  /** With shell integration, which the editor puts into a bash by itself. */
  async function bash(): Promise<vscode.Terminal> {
    const terminal = await open({ name: 'test', cwd: workspaceFolder(), shellPath: '/bin/bash' });
    await until('the shell integration is there', () => terminal.shellIntegration);
    return terminal;
  }

  /** Types a line. */
  async function begin(terminal: vscode.Terminal, line: string): Promise<void> {
    terminal.sendText(line);
    const { lastCommands: known } = await extension();
    await until('the line is known', () => known.of(terminal)?.execution.commandLine.value === line || undefined);
  }

  /** And waits for its end. */
  async function type(terminal: vscode.Terminal, line: string): Promise<void> {
    await begin(terminal, line);
    await (await extension()).lastCommands.of(terminal)?.ended;
  }

  /** Accepts whatever is asked until the command has come to its end. */
  async function accepting(command: Thenable<Job | undefined>): Promise<Job | undefined> {
    let done = false;
    const answer = Promise.resolve(command).finally(() => (done = true));
    await until('the command is done', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return done || undefined;
    });
    return answer;
  }

  async function outputOf(id: string): Promise<string> {
    const { chunks } = await (await service()).getOutput(id);
    return chunks.map(({ text }) => text).join('');
  }

  it('becomes a job, in the folder where it ran and with the shell of the terminal', async () => {
    const folder = join(workspaceFolder(), 'sub folder');
    mkdirSync(folder, { recursive: true });
    const terminal = await bash();
    await type(terminal, 'cd "sub folder"');
    await type(terminal, '[[ $BASH_VERSION ]] && pwd; (exit 3)');
    const job = await run(commands.runLastCommand);
    assert.ok(job);
    assert.deepEqual([job.command, job.cwd], ['[[ $BASH_VERSION ]] && pwd; (exit 3)', folder]);
    const ended = await untilEnded(job.id);
    assert.deepEqual([ended.exitCode, await outputOf(job.id)], [3, `${folder}\n`]);
  });

  it('is that of the terminal on which the menu was opened', async () => {
    const first = await bash();
    await type(first, 'echo first');
    const second = await bash();
    await type(second, 'echo second');
    assert.equal((await run(commands.runLastCommand, first))?.command, 'echo first');
    assert.equal((await run(commands.runLastCommand))?.command, 'echo second');
  });

  it('can be changed before', async () => {
    const terminal = await bash();
    await type(terminal, 'echo as it was');
    const job = await accepting(run(commands.editLastCommand));
    assert.equal(job?.command, 'echo as it was');
  });

  it('starts a second time, or after Ctrl+C, while it runs', async () => {
    const terminal = await bash();
    await begin(terminal, 'sleep 600');
    const second = await accepting(run(commands.runLastCommand));
    assert.ok(second);
    await untilRunning(second.id);
    const known = (await extension()).lastCommands.of(terminal);
    assert.equal(known?.isRunning, true);
    const after = await run(commands.runLastCommand, terminal, { whileRunning: 'stop' });
    assert.ok(after);
    await untilRunning(after.id);
    assert.equal(known.isRunning, false);
  });

  it('starts only after a look at it when it was read from the screen', async () => {
    const written = new vscode.EventEmitter<string>();
    const pty = { onDidWrite: written.event, open: () => undefined, close: () => undefined };
    const terminal = await open({ name: 'forger', pty });
    const osc = (text: string): string => `\x1b]633;${text}\x07`;
    const { lastCommands: known, model } = await extension();
    written.fire(`${osc('A')}$ ${osc('B')}echo forged\r\n${osc('C')}`);
    await until('the command is known', () => known.of(terminal));
    written.fire(osc('D;0'));
    await known.of(terminal)?.ended;

    let isDone = false;
    const asked = Promise.resolve(run(commands.runLastCommand)).finally(() => (isDone = true));
    await until('it was asked, and given up', async () => {
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
      return isDone || undefined;
    });
    assert.equal(await asked, undefined);
    assert.deepEqual(model.jobs(), []);
    assert.equal((await accepting(run(commands.runLastCommand)))?.command, 'echo forged');
  });

  it('is not known where there is no shell integration', async () => {
    const terminal = await open({ name: 'plain', shellPath: '/bin/sh', cwd: workspaceFolder() });
    terminal.sendText('echo lost');
    // The message stays until somebody closes it.
    void run(commands.runLastCommand);
    await vscode.commands.executeCommand('notifications.clearAll');
    assert.equal((await extension()).lastCommands.of(terminal), undefined);
    assert.deepEqual((await extension()).model.jobs(), []);
  });

  it('is forgotten with its terminal', async () => {
    const terminal = await bash();
    await type(terminal, 'true');
    const { lastCommands: known } = await extension();
    assert.ok(known.of(terminal));
    terminal.dispose();
    await until('it is forgotten', () => known.of(terminal) === undefined || undefined);
  });

  it('may be a selection instead', async () => {
    const written = new vscode.EventEmitter<string>();
    const pty = { onDidWrite: written.event, open: () => written.fire('echo selected'), close: () => undefined };
    await open({ name: 'selected', pty });
    await vscode.env.clipboard.writeText('as before');
    const job = await until('the text is selected', async () => {
      await vscode.commands.executeCommand('workbench.action.terminal.selectAll');
      return run(commands.startTerminalSelection);
    });
    assert.equal(job.command, 'echo selected');
    assert.equal(await vscode.env.clipboard.readText(), 'as before');
  });
});
