import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import type { Job } from '../../src/api/job.ts';
import { until } from '../helpers/until.ts';
import { removeAllJobs, service, start, untilEnded, untilRunning, workspaceFolder } from './support.ts';

describe('Output channels', () => {
  afterEach(removeAllJobs);

  it('are made when somebody looks, show the output without colours, and tell the end', async () => {
    // The order of two streams is that in which they are seen, so the second waits for the first.
    const command =
      "printf '\\033[32mgreen\\033[0m\\n'; until test -e more; do sleep 0.05; done; echo err >&2; sleep 600";
    const job = await start({ command, name: 'paint' });
    await untilRunning(job.id);
    assert.equal(documentOf(job), undefined);
    await vscode.commands.executeCommand(commands.showOutput, job.id);
    await untilShown(job, /^\$ printf .* {3}\(.*, started .*\)\ngreen\n$/);
    writeFileSync(join(workspaceFolder(), 'more'), '');
    await untilShown(job, /\ngreen\nerr\n$/);
    await vscode.commands.executeCommand(commands.killWithSignal, job.id, 'INT');
    await untilShown(job, /\ngreen\nerr\n\[stopped by a user \(SIGINT\) after .*\]\n$/);
  });

  it('go on with the next run', async () => {
    const job = await start({ command: 'echo run' });
    await vscode.commands.executeCommand(commands.showOutput, job.id);
    await untilShown(job, /\)\nrun\n\[completed after .*\]\n$/);
    await vscode.commands.executeCommand(commands.restart, job.id);
    await untilShown(job, /\[completed .*\]\n\[run 2, .*: echo run\]\nrun\n\[completed .*\]\n$/);
  });

  it('read nothing while another one is shown, and catch up', async () => {
    const job = await start({
      command: 'echo one; sleep 0.5; until test -e go; do sleep 0.05; done; echo two',
      name: 'first',
    });
    await vscode.commands.executeCommand(commands.showOutput, job.id);
    await untilShown(job, /\)\none\n$/);
    const other = await start({ command: 'echo other; touch go', name: 'second' });
    await vscode.commands.executeCommand(commands.showOutput, other.id);
    await untilShown(other, /\)\nother\n\[completed/);
    await untilEnded(job.id);
    await vscode.commands.executeCommand(commands.showOutput, job.id);
    await untilShown(job, /\)\none\ntwo\n\[completed after .*\]\n$/);
  });

  it('say why there is no output yet', async () => {
    const job = await start({ command: 'echo later', held: true });
    await vscode.commands.executeCommand(commands.showOutput, job.id);
    await untilShown(job, /^\[Not started: On hold\]\n$/);
    await (await service()).releaseJob(job.id);
    await untilShown(job, /^\[Not started: On hold\]\n\$ echo later .*\nlater\n\[completed/);
  });

  it('go with their job', async () => {
    const job = await start({ command: 'echo gone' });
    await vscode.commands.executeCommand(commands.showOutput, job.id);
    await untilShown(job, /gone/);
    await untilEnded(job.id);
    await (await service()).removeJob(job.id);
    await until('the channel is gone', () => (documentOf(job) === undefined ? true : undefined));
  });

  function documentOf(job: Job): vscode.TextDocument | undefined {
    return vscode.workspace.textDocuments.find(
      ({ uri }) => uri.scheme === 'output' && uri.path.includes(`(${job.shortId})`),
    );
  }

  async function untilShown(job: Job, pattern: RegExp): Promise<void> {
    let seen: string | undefined;
    await until(`${pattern} in the channel`, () => {
      seen = documentOf(job)?.getText();
      return seen !== undefined && pattern.test(seen) ? true : undefined;
    }).catch((error: Error) => assert.fail(`${error.message}: ${seen}`));
  }
});
