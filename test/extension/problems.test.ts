import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import { until } from '../helpers/until.ts';
import { removeAllJobs, start, untilEnded, workspaceFolder } from './support.ts';

describe('Problems in the output of jobs', () => {
  afterEach(removeAllJobs);

  after(() => {
    for (const name of ['matched.go', 'found']) rmSync(join(workspaceFolder(), name), { force: true });
  });

  it('are shown by the matchers that were chosen for the command, now and the next time', async () => {
    const file = join(workspaceFolder(), 'matched.go');
    writeFileSync(file, 'package matched\n');
    writeFileSync(join(workspaceFolder(), 'found'), 'matched.go:1:9: no such thing\n');
    const command = 'cat found';
    const problems = (): string[] =>
      vscode.languages
        .getDiagnostics(vscode.Uri.file(file))
        .map(({ message, range }) => `${range.start.line}: ${message}`);
    const first = await start({ command });
    await untilEnded(first.id);
    assert.deepEqual(problems(), []);
    await vscode.commands.executeCommand(commands.matchProblems, first.id, ['go']);
    await until('the problem of what was written', () => (problems().join() === '0: no such thing' ? true : undefined));

    writeFileSync(join(workspaceFolder(), 'found'), 'matched.go:1:9: another thing\n');
    const second = await start({ command });
    await until('the problem of the next job', () => (problems().join() === '0: another thing' ? true : undefined));

    await vscode.commands.executeCommand(commands.matchProblems, second.id, []);
    writeFileSync(join(workspaceFolder(), 'found'), 'matched.go:1:9: a third thing\n');
    const third = await start({ command });
    await untilEnded(third.id);
    assert.ok(!problems().join().includes('third'));
  });
});
