import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands, type CommandId } from '../../src/extension/base/ids.ts';
import type { KillResult } from '../../src/api/control.ts';
import type { Inspection } from '../../src/api/inspection.ts';
import type { Job } from '../../src/api/job.ts';
import { until } from '../helpers/until.ts';
import { usualPort } from '../helpers/usualPort.ts';
import { extension, removeAllJobs, service, start, untilEnded, untilKnown, untilRunning } from './support.ts';

const run = <T>(command: CommandId, ...args: unknown[]): Thenable<T> =>
  vscode.commands.executeCommand<T>(command, ...args);

describe('The commands on jobs', () => {
  afterEach(removeAllJobs);

  async function running(command = 'sleep 600', session?: string): Promise<Job> {
    const job = await start({ command, ...(session === undefined ? {} : { session }) });
    return untilRunning(job.id);
  }

  it('kill with TERM, and say so when it has ended already', async () => {
    const { id } = await running();
    const [killed] = await run<KillResult[]>(commands.kill, id);
    assert.deepEqual([killed?.result, killed?.job.signal, killed?.job.reason], ['killed', 'SIGTERM', 'user']);
    const [again] = await run<KillResult[]>(commands.kill, id);
    assert.equal(again?.result, 'already_terminated');
  });

  it('kill with the signal that is chosen', async () => {
    const { id } = await running('trap "echo got it; exit 7" USR1; echo up; while :; do sleep 0.05; done');
    await (await service()).waitForJob(id, { for: '/up/' });
    const [delivered] = await run<KillResult[]>(commands.killWithSignal, id, 'usr1');
    assert.equal(delivered?.result, 'signalled');
    assert.equal((await untilEnded(id)).exitCode, 7);
  });

  it('kill what a selection in the tree has, and leave the rest of it alone', async () => {
    const jobs = [await running(), await running(), await start({ command: 'true' })];
    await untilEnded(jobs[2]!.id);
    const { view } = await extension();
    const nodes = jobs.map(({ id }) => view.tree.job(id));
    const results = await run<KillResult[]>(commands.kill, nodes[0], nodes);
    assert.deepEqual(
      results.map(({ result }) => result),
      ['killed', 'killed'],
    );
  });

  it('kill all of a session and nothing else', async () => {
    const [mine, other] = [await running(), await running('sleep 600', 'agent')];
    await run(commands.killSession, 'agent');
    assert.equal((await untilEnded(other.id)).status, 'killed');
    assert.equal((await (await service()).getJob(mine.id)).status, 'running');
  });

  it('pause and resume', async () => {
    const { id } = await running();
    await run(commands.pause, id);
    await untilKnown(id, 'paused', ({ status }) => status === 'paused');
    await run(commands.resume, id);
    await untilRunning(id);
  });

  it('restart, with a new run', async () => {
    const { id } = await start({ command: 'exit 3' });
    await untilEnded(id);
    await run(commands.restart, id);
    await untilKnown(id, 'in its second run', (job) => job.run === 2 && job.status === 'failed');
  });

  it('release what is held', async () => {
    const { id } = await start({ command: 'true', held: true });
    await untilKnown(id, 'held', ({ status }) => status === 'held');
    await run(commands.release, id);
    assert.equal((await untilEnded(id)).status, 'completed');
  });

  it('send input, and the end of it', async () => {
    const { id } = await start({ command: 'read a; cat; exit ${#a}', stdin: { type: 'pipe' } });
    await untilRunning(id);
    await run(commands.sendInput, id, { text: 'four\n' });
    await run(commands.sendInput, id, { text: 'rest\n', eof: true });
    assert.equal((await untilEnded(id)).exitCode, 4);
  });

  it('pin, mute and remove', async () => {
    const { model, view } = await extension();
    const { id } = await start({ command: 'true' });
    await untilEnded(id);
    await run(commands.pin, id);
    await untilKnown(id, 'pinned', ({ pinned }) => pinned);
    await run(commands.mute, id);
    assert.match(view.tree.getTreeItem(view.tree.job(id)).contextValue ?? '', /\bunpin unmute$/);
    await run(commands.unmute, id);
    await run(commands.unpin, id);
    await untilKnown(id, 'unpinned', ({ pinned }) => !pinned);
    await run(commands.remove, id);
    assert.deepEqual((await (await service()).listJobs()).jobs, []);
    assert.ok(model);
  });

  it('clean up what is asked for', async () => {
    const [completed, failed] = [await start({ command: 'true' }), await start({ command: 'false' })];
    for (const { id } of [completed, failed]) await untilEnded(id);
    assert.deepEqual(await run(commands.cleanUp, { status: 'completed' }), { cleaned: 1, remaining: 1 });
    assert.deepEqual(
      (await (await service()).listJobs()).jobs.map(({ id }) => id),
      [failed.id],
    );
  });

  it('copy id and command', async () => {
    const { id } = await start({ argv: ['printf', 'a b'] });
    await run(commands.copyId, id);
    assert.equal(await vscode.env.clipboard.readText(), id);
    await run(commands.copyCommand, id);
    assert.equal(await vscode.env.clipboard.readText(), "printf 'a b'");
  });

  it('inspect the processes, and copy the pid of the one that is chosen', async () => {
    const { id } = await running('echo up; sleep 600');
    await (await service()).waitForJob(id, { for: '/up/' });
    const { processes } = await run<Inspection>(commands.inspect, id);
    const pids = processes.map(({ pid }) => String(pid));
    assert.ok(pids.length > 0);

    const { view } = await extension();
    await vscode.env.clipboard.writeText('');
    const shown = run(commands.inspect, view.tree.job(id));
    const copied = await until('a pid is copied', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return (await vscode.env.clipboard.readText()) || undefined;
    });
    await shown;
    assert.equal(copied, pids[0]);
  });

  it('show a job as ready, and open it in a browser', async () => {
    const port = await usualPort();
    const url = `http://127.0.0.1:${port}/x`;
    const script = `require('http').createServer((q, r) => r.end()).listen(${port}, () => console.log('see ${url}'))`;
    const argv = [process.execPath, '-e', script];
    const { id } = await start({ argv, env: { ELECTRON_RUN_AS_NODE: '1' }, readyWhen: { pattern: 'see' } });
    const job = await untilKnown(id, 'ready', ({ ready }) => ready === true);
    const { view } = await extension();
    const item = view.tree.getTreeItem(view.tree.job(id));
    assert.match(String(item.description), /^ready · /);
    assert.match(item.contextValue ?? '', /\bbrowse\b/);
    assert.equal(job.url, url);
    const opened = await run<string[]>(commands.openInBrowser, id);
    assert.match(opened.join(), /^https?:\/\/.*\/x$/);
  });
});
