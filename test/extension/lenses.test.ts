import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import { extension, removeAllJobs, untilEnded, workspaceFolder } from './support.ts';

describe('The lenses above scripts', () => {
  afterEach(removeAllJobs);

  async function lensesOf(name: string, text: string): Promise<vscode.CodeLens[]> {
    await extension();
    const path = join(workspaceFolder(), name);
    writeFileSync(path, text);
    const uri = vscode.Uri.file(path);
    await vscode.workspace.openTextDocument(uri);
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
    const own: string[] = [commands.runScript, commands.runFile];
    return found.filter(({ command }) => own.includes(command?.command ?? ''));
  }

  async function withSetting(name: string, test: () => Promise<void>): Promise<void> {
    const configuration = vscode.workspace.getConfiguration('backgroundJobs');
    await configuration.update(name, false, vscode.ConfigurationTarget.Global);
    try {
      await test();
    } finally {
      await configuration.update(name, undefined, vscode.ConfigurationTarget.Global);
    }
  }

  it('start what they stand above', async () => {
    const [lens] = await lensesOf('Procfile', 'web: echo from the Procfile\n');
    assert.ok(lens?.command);
    assert.equal(lens.range.start.line, 0);
    const { command, arguments: args = [] } = lens.command;
    const job = await vscode.commands.executeCommand<{ id: string; name: string }>(command, ...(args as unknown[]));
    assert.equal((await untilEnded(job.id)).name, 'web');
  });

  it('are switched off by a setting for scripts, and by one for files', async () => {
    const [script, file] = ['echo: echo\n', '#!/bin/sh\necho\n'];
    assert.equal((await lensesOf('Procfile', script)).length, 1);
    assert.equal((await lensesOf('build.sh', file)).length, 1);
    await withSetting('codeLens.scripts', async () => {
      assert.equal((await lensesOf('Procfile', script)).length, 0);
      assert.equal((await lensesOf('build.sh', file)).length, 1);
    });
    await withSetting('codeLens.files', async () => {
      assert.equal((await lensesOf('Procfile', script)).length, 1);
      assert.equal((await lensesOf('build.sh', file)).length, 0);
    });
  });
});
