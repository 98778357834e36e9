import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { JobList } from '../../src/api/job.ts';
import { until } from '../helpers/until.ts';
import { removeAllJobs, start, untilEnded, workspaceFolder } from './support.ts';

describe('The terminals of the editor', () => {
  afterEach(removeAllJobs);

  it('have bgjobs, which sees the same jobs and uses the session of the window', async () => {
    const job = await start({ command: 'true', name: 'from the palette' });
    await untilEnded(job.id);
    const terminal = vscode.window.createTerminal({ name: 'test', cwd: workspaceFolder() });
    try {
      terminal.sendText(
        'bgjobs run --wait --name terminal -- env > env.txt; bgjobs list --json > list.json; echo > done',
      );
      await until('the terminal is done', () => read('done'));
      const { jobs } = JSON.parse(read('list.json') ?? '') as JobList;
      assert.deepEqual(
        jobs.map(({ name, session, status }) => [name, session, status]),
        [
          ['terminal', 'workspace', 'completed'],
          ['from the palette', 'workspace', 'completed'],
        ],
      );
      assert.doesNotMatch(read('env.txt') ?? '', /^(ELECTRON_|VSCODE_)/m);
    } finally {
      terminal.dispose();
    }
  });

  function read(name: string): string | undefined {
    try {
      return readFileSync(join(workspaceFolder(), name), 'utf8');
    } catch {
      return undefined;
    }
  }
});
