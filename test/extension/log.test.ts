import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands, logScheme } from '../../src/extension/base/ids.ts';
import { until } from '../helpers/until.ts';
import { removeAllJobs, service, start, untilEnded, workspaceFolder } from './support.ts';

describe('The log of a job in an editor', () => {
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await removeAllJobs();
  });

  // Other tests compile the workspace.
  after(() => {
    for (const name of ['grow', 'n', 'app.ts']) rmSync(join(workspaceFolder(), name), { force: true });
  });

  const open = async (id: string): Promise<vscode.TextDocument> => {
    await vscode.commands.executeCommand(commands.openLog, id);
    return shown();
  };
  const shown = (): vscode.TextDocument => vscode.window.activeTextEditor?.document ?? assert.fail('no editor');

  it('is one read-only document of both streams, as a terminal shows them', async () => {
    const command =
      "printf '\\033[31mred\\033[0m\\n'; printf '1%%\\r2%%\\r3%%\\n'; sleep 0.3; echo err >&2; sleep 0.3; echo out";
    const { id } = await start({ command, name: 'build' });
    await untilEnded(id);
    const document = await open(id);
    assert.equal(document.getText(), 'red\n3%\nerr\nout\n');
    assert.match(document.fileName, /build – log\.log$/);
    assert.equal(document.languageId, 'log');
    await vscode.commands.executeCommand('default:type', { text: 'x' });
    assert.equal(document.getText(), 'red\n3%\nerr\nout\n');
  });

  it('grows while the job writes', async () => {
    const { id } = await start({ command: 'echo one; until test -e grow; do sleep 0.05; done; echo two' });
    const document = await until('its first line', async () => {
      const log = await open(id);
      return log.getText() === 'one\n' ? log : undefined;
    });
    writeFileSync(join(workspaceFolder(), 'grow'), '');
    await until('its second line', () => (document.getText() === 'one\ntwo\n' ? true : undefined));
    await untilEnded(id);
  });

  it('has the time of each line on demand', async () => {
    const { id } = await start({ command: 'echo one; echo two' });
    await untilEnded(id);
    await open(id);
    await vscode.commands.executeCommand(commands.toggleTimestamps);
    assert.match(shown().getText(), /^\d\d:\d\d:\d\d\.\d{3} {2}one\n\d\d:\d\d:\d\d\.\d{3} {2}two\n$/);
    await vscode.commands.executeCommand(commands.toggleTimestamps);
    assert.equal(shown().getText(), 'one\ntwo\n');
  });

  it('has links to the files that it names, as its channel has, from the folder of the job', async () => {
    writeFileSync(join(workspaceFolder(), 'app.ts'), 'one\ntwo\n');
    const { id, shortId } = await start({ command: 'printf "%s.ts:2:1 - error\\n" app missing' });
    await untilEnded(id);
    const linksOf = async ({ uri }: vscode.TextDocument): Promise<string[]> => {
      const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', uri);
      return links.flatMap(({ target }) => (target?.scheme === 'file' ? [target.toString()] : []));
    };
    const expected = [vscode.Uri.file(join(workspaceFolder(), 'app.ts')).with({ fragment: 'L2,1' }).toString()];
    assert.deepEqual(await linksOf(await open(id)), expected);
    await vscode.commands.executeCommand(commands.showOutput, id);
    const channel = await until('the channel', () =>
      vscode.workspace.textDocuments.find(
        ({ uri, lineCount }) => uri.scheme === 'output' && uri.path.includes(`(${shortId})`) && lineCount > 3,
      ),
    );
    assert.deepEqual(await linksOf(channel), expected);
  });

  it('goes to the first error', async () => {
    const { id } = await start({ command: 'seq 300; echo "fatal: no such file"; seq 300; echo "error: late"' });
    await untilEnded(id);
    await open(id);
    assert.equal(await vscode.commands.executeCommand(commands.goToFirstError), 300);
    assert.equal(vscode.window.activeTextEditor?.selection.active.line, 300);
  });

  it('is compared with that of the run before', async () => {
    const { id } = await start({ command: 'cat n 2>/dev/null; echo 1 >n; echo same' });
    await untilEnded(id);
    await (await service()).restartJob(id);
    await untilEnded(id);
    await vscode.commands.executeCommand(commands.compareRuns, id);
    const texts = await until('both sides', () => {
      const logs = vscode.window.visibleTextEditors.filter(({ document }) => document.uri.scheme === logScheme);
      const sides = logs.map(({ document }) => document.getText());
      return sides.length === 2 && sides.every((text) => text !== '') ? sides : undefined;
    });
    assert.deepEqual(texts.sort(), ['1\nsame\n', 'same\n']);
  });

  it('shows the end of a large one when asked to', async () => {
    const { id } = await start({ command: 'yes 0123456789abcdef | head -c 22000000; echo; echo last' });
    await untilEnded(id);
    const opened = vscode.commands.executeCommand(commands.openLog, id);
    const document = await until('the end is shown', async () => {
      await vscode.commands.executeCommand('notifications.focusToasts');
      await vscode.commands.executeCommand('notification.acceptPrimaryAction');
      return vscode.window.activeTextEditor?.document;
    });
    await opened;
    const text = document.getText();
    assert.match(text, /^\[16\.\d MiB not shown\]\n0123456789abcdef\n/);
    assert.match(text, /\nlast\n$/);
  });
});
