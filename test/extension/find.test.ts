import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Job } from '../../src/api/job.ts';
import { commands } from '../../src/extension/base/ids.ts';
import type { JobTree } from '../../src/extension/view/jobTree.ts';
import type { Node } from '../../src/extension/view/nodes.ts';
import { until } from '../helpers/until.ts';
import { extension, removeAllJobs, service, start, untilEnded, untilKnown, untilRunning } from './support.ts';

describe('Finding among the jobs', () => {
  let tree: JobTree;
  before(async () => (tree = (await extension()).view.tree));
  afterEach(async () => {
    await vscode.commands.executeCommand(commands.clearFilter);
    await removeAllJobs();
  });

  const run = <T = unknown>(id: string, ...args: unknown[]): Thenable<T> =>
    vscode.commands.executeCommand<T>(id, ...args);

  async function rows(node?: Node): Promise<string[]> {
    return (await tree.getChildren(node)).map((child) => {
      const { label, description } = tree.getTreeItem(child);
      return `${label as string}: ${String(description)}`;
    });
  }

  it('finds a job of any session by the words of its name, command and status', async () => {
    const release = await start({ command: 'exit 1', name: 'release build', session: 'ci' });
    await untilEnded(release.id);
    const lint = await start({ command: 'sleep 600', name: 'lint' });
    const found = async (text: string): Promise<string[]> =>
      (await run<Job[]>(commands.find, text)).map(({ id }) => id);
    assert.deepEqual(await found('release'), [release.id]);
    assert.deepEqual(await found('exit failed ci'), [release.id]);
    assert.deepEqual(await found(''), [lint.id, release.id]);
    assert.deepEqual(await found('nothing like it'), []);
  });

  it('filters the view, says so, follows what happens, and shows all again', async () => {
    const { view, found } = await extension();
    const failed = await start({ command: 'exit 3', name: 'build', session: 'ci' });
    await untilEnded(failed.id);
    const nap = await start({ command: 'sleep 600', name: 'nap' });
    await untilRunning(nap.id);
    await run(commands.showFailed);
    assert.match((await rows()).join(), /^build: exit code 3 · \d+ms · ci$/);
    await until('the view says so', () => view.view.message === 'Filter: @failed.' || undefined);

    await run(commands.filter, 'status=failed,completed name~BUI exit=3 since=1h');
    assert.match((await rows()).join(), /^build: exit code 3 · /);
    await run(commands.filter, '@window name~buil');
    assert.deepEqual(await rows(), []);
    const refused = service().then((host) => host.listJobs({ q: 'sesion=api' }));
    await assert.rejects(refused, /Unknown field "sesion"/);

    await run(commands.filter, '@running na');
    assert.match((await rows()).join(), /^nap: \S+ · workspace$/);
    let changed = 0;
    const subscription = found.onDidChange(() => changed++);
    await run(commands.kill, nap.id);
    await until('the filter has been asked again', () => changed > 0 || undefined);
    assert.deepEqual(await rows(), []);
    await until(
      'the view says why',
      () => view.view.message === 'Filter: @running na. No jobs match the filter.' || undefined,
    );
    subscription.dispose();

    await run(commands.clearFilter);
    await until('the view says nothing', () => (view.view.message ?? '') === '' || undefined);
    assert.equal((await tree.getChildren())[0]?.type, 'session');
  });

  it('restarts what has failed, ends what runs or waits, and clears what has finished, by the group', async () => {
    const { model } = await extension();
    const host = await service();
    const failed = await start({ command: 'exit 1', name: 'a' });
    const done = await start({ command: 'true', name: 'b' });
    for (const { id } of [failed, done]) await untilEnded(id);
    await run(commands.restartAllFailed, 'workspace');
    await untilKnown(failed.id, 'run again', ({ run: number, status }) => number === 2 && status === 'failed');
    await run(commands.markSeen);
    assert.deepEqual([model.total('workspace', 'failed'), model.total('workspace', 'finished')], [0, 2]);

    const later = await start({ command: 'true', delayMs: 3_600_000 });
    const nap = await start({ command: 'sleep 600' });
    const elsewhere = await start({ command: 'sleep 600', session: 'ci' });
    for (const { id } of [nap, elsewhere]) await untilRunning(id);
    await run(commands.stopRunning, 'workspace');
    await untilKnown(nap.id, 'stopped', ({ status }) => status === 'killed');
    assert.equal((await host.getJob(later.id)).status, 'scheduled');
    await run(commands.cancelWaiting, 'workspace');
    await untilKnown(later.id, 'canceled', ({ status }) => status === 'cancelled');
    assert.equal((await host.getJob(elsewhere.id)).status, 'running');
    await run(commands.clearFinished, 'workspace');
    await until('they are gone', () => model.sessions().join() === 'ci' || undefined);
  });

  it('renames a job', async () => {
    const job = await start({ command: 'sleep 600' });
    await run(commands.rename, job.id, 'a better name');
    await untilKnown(job.id, 'renamed', ({ name }) => name === 'a better name');
    assert.equal(tree.getTreeItem(tree.job(job.id)).label, 'a better name');
  });
});
