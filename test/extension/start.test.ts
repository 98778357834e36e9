import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import { extension, removeAllJobs, service, start, untilEnded, workspaceFolder } from './support.ts';

describe('The start commands', () => {
  afterEach(removeAllJobs);

  it('start a job in the folder and the session of the window', async () => {
    const job = await start({ command: 'pwd; exit 3', name: 'where' });
    const ended = await untilEnded(job.id);
    const [listed] = (await (await service()).listJobs({ session: 'workspace' })).jobs;
    assert.equal(listed?.id, job.id);
    assert.equal(ended.name, 'where');
    assert.equal(ended.exitCode, 3);
    assert.equal(await outputOf(job.id), `${workspaceFolder()}\n`);
  });

  it('give the job the environment of the window without what is the editor’s own', async () => {
    const job = await start({ command: 'env', env: { OWN: 'yes' } });
    await untilEnded(job.id);
    const names = (await outputOf(job.id)).split('\n').map((line) => line.slice(0, line.indexOf('=')));
    for (const name of ['PATH', 'HOME', 'OWN', 'BGJOBS_HOME']) assert.ok(names.includes(name), name);
    assert.deepEqual(
      names.filter((name) => /^(VSCODE_|ELECTRON_|BGJOBS_HOLDER$)/.test(name)),
      [],
    );
  });

  it('keep both streams in the order in which they are written', async () => {
    const job = await start({ command: 'for i in 1 2 3; do echo "out $i"; echo "err $i" >&2; done' });
    assert.equal((await untilEnded(job.id)).options.capture, 'merged');
    assert.equal(await outputOf(job.id), 'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n');
  });

  it('use the shell of the setting', async () => {
    const configuration = vscode.workspace.getConfiguration('backgroundJobs');
    await configuration.update('shell', '/bin/sh', vscode.ConfigurationTarget.Global);
    try {
      const job = await start({ command: 'readlink /proc/$$/exe' });
      assert.equal((await untilEnded(job.id)).options.shell, '/bin/sh');
    } finally {
      await configuration.update('shell', undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('run the selection of the editor, or the line of the cursor, whatever the line ends of the file', async () => {
    const document = await vscode.workspace.openTextDocument({ content: 'echo first\r\necho second; pwd\r\n' });
    const editor = await vscode.window.showTextDocument(document);
    editor.selection = new vscode.Selection(0, 0, 1, 11);
    const selected = await vscode.commands.executeCommand<{ id: string }>(commands.startSelection);
    await untilEnded(selected.id);
    assert.equal(await outputOf(selected.id), 'first\nsecond\n');
    editor.selection = new vscode.Selection(1, 3, 1, 3);
    const line = await vscode.commands.executeCommand<{ id: string }>(commands.startSelection);
    await untilEnded(line.id);
    // An untitled document lies nowhere: it is the folder of the window.
    assert.equal(await outputOf(line.id), `second\n${workspaceFolder() || homedir()}\n`);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('tell what is wrong and start nothing', async () => {
    const answer = await vscode.commands.executeCommand(commands.start, { command: 'true', cwd: '/no/such/folder' });
    assert.equal(answer, undefined);
    assert.deepEqual((await extension()).model.jobs(), []);
  });

  async function outputOf(id: string): Promise<string> {
    const { chunks } = await (await service()).getOutput(id);
    return chunks.map(({ text }) => text).join('');
  }
});
