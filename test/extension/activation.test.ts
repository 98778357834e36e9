import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { homeFiles } from '../../src/dataDir/dataDir.ts';
import { commandNames, commands } from '../../src/extension/base/ids.ts';
import * as vscode from 'vscode';
import { extension, home } from './support.ts';

describe('Activation', () => {
  it('starts no job host where there are no jobs', async () => {
    const { connection } = await extension();
    assert.equal(connection.state.type, 'idle');
    assert.equal(existsSync(homeFiles(home()).record), false);
  });

  it('registers every command', async () => {
    const registered = await vscode.commands.getCommands(true);
    for (const name of commandNames) assert.ok(registered.includes(commands[name]), name);
  });
});
