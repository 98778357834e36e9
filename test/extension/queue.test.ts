import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commands, views, type CommandId } from '../../src/extension/base/ids.ts';
import type { Node } from '../../src/extension/view/nodes.ts';
import type { Queue } from '../../src/api/control.ts';
import type { Job } from '../../src/api/job.ts';
import { until } from '../helpers/until.ts';
import {
  extension,
  removeAllJobs,
  service,
  start,
  untilEnded,
  untilKnown,
  untilRunning,
  workspaceFolder,
} from './support.ts';

const run = <T>(command: CommandId, ...args: unknown[]): Thenable<T> =>
  vscode.commands.executeCommand<T>(command, ...args);

describe('The queue in the editor', () => {
  before(() => vscode.commands.executeCommand(`${views.jobs}.focus`));
  afterEach(async () => {
    const host = await service();
    await host.updateHost({ queuePaused: false, pausedSessions: [], sessionLimits: { workspace: null } });
    await removeAllJobs();
  });

  /** What the tree shows of the jobs of this window that wait: their names in order. */
  async function waiting(): Promise<unknown[]> {
    const { view } = await extension();
    const labels = (nodes: Node[]): unknown[] => nodes.map((node) => view.tree.getTreeItem(node).label);
    const sessions = await view.tree.getChildren();
    const own = sessions.find((node) => labels([node])[0] === 'workspace');
    const groups = own ? await view.tree.getChildren(own) : [];
    const group = groups.find((node) => labels([node])[0] === 'Waiting');
    return group ? labels(await view.tree.getChildren(group)) : [];
  }

  async function untilWaiting(...names: string[]): Promise<void> {
    let seen: unknown[] = [];
    try {
      await until('the tree has the order', async () => {
        seen = await waiting();
        return seen.join() === names.join() || undefined;
      });
    } catch {
      assert.deepEqual(seen, names);
    }
  }

  async function itemOf(job: Job): Promise<vscode.TreeItem> {
    const { view } = await extension();
    return view.tree.getTreeItem(view.tree.job(job.id));
  }

  async function untilDescribed(job: Job, description: string): Promise<void> {
    let seen: unknown;
    try {
      await until('the description', async () => {
        seen = (await itemOf(job)).description;
        return seen === description || undefined;
      });
    } catch {
      assert.equal(seen, description);
    }
  }

  /** Three that wait, because the session has room for none but the first. */
  async function queued(): Promise<Job[]> {
    await (await service()).updateHost({ sessionLimits: { workspace: 1 } });
    await untilRunning((await start({ command: 'sleep 600', name: 'runs' })).id);
    const jobs: Job[] = [];
    for (const name of ['a', 'b', 'c']) jobs.push(await start({ command: 'sleep 600', name }));
    await untilWaiting('a', 'b', 'c');
    return jobs;
  }

  it('is shown in the order in which it starts what waits, wherever that was changed', async () => {
    const [a, b, c] = (await queued()) as [Job, Job, Job];
    const { view } = await extension();
    await run(commands.moveFirst, c.id);
    await untilWaiting('c', 'a', 'b');
    const nodes = [a, c].map(({ id }) => view.tree.job(id));
    await run(commands.moveDown, nodes[0], nodes);
    await untilWaiting('b', 'c', 'a');
    await run(commands.moveUp, a.id);
    await untilWaiting('b', 'a', 'c');
    await run(commands.moveLast, b.id);
    await untilWaiting('a', 'c', 'b');
    await run(commands.changePriority, b.id, 9);
    await untilWaiting('b', 'a', 'c');
    await (await service()).moveJob(c.id, { to: 'first' });
    await untilWaiting('c', 'b', 'a');
    await run(commands.hold, c.id);
    await untilWaiting('b', 'a', 'c');
    assert.match((await itemOf(c)).contextValue ?? '', /\brelease\b/);
    await run(commands.release, c.id);
    await untilWaiting('b', 'a', 'c');
    await untilDescribed(c, 'session limit reached (1)');
    await (await service()).updateHost({ sessionLimits: { workspace: 2 } });
    await untilRunning(b.id);
    await (await service()).updateHost({ sessionLimits: { workspace: 1 } });
    await untilDescribed(c, 'session limit reached (1)');
  });

  it('says who waits for whom, and tells when that has changed', async () => {
    const build = await start({ command: 'sleep 600', name: 'build' });
    const other = await start({ command: 'sleep 600', name: 'other' });
    const test = await start({ command: 'true', name: 'test', dependsOn: [{ job: build.id }] });
    await untilDescribed(test, 'waits for build');
    const { view } = await extension();
    const tooltip = async (job: Job): Promise<string> => {
      const node = view.tree.job(job.id);
      const item = await view.tree.resolveTreeItem(view.tree.getTreeItem(node), node);
      assert.ok(item.tooltip instanceof vscode.MarkdownString);
      return item.tooltip.value.replaceAll('\\', '');
    };
    assert.match(await tooltip(test), /^Depends on: build \(running\) to succeed$/m);
    assert.match(await tooltip(build), /^Jobs that wait for it: test$/m);
    await run(commands.changeDependencies, test.id, [{ job: other.id, condition: 'finished' }]);
    await untilDescribed(test, 'waits for other');
    await run(commands.changeDependencies, test.id, []);
    assert.equal((await untilEnded(test.id)).status, 'completed');
    await untilRunning((await start({ command: 'sleep 600', name: 'migrate', mutex: 'db' })).id);
    const seed = await start({ command: 'true', mutex: 'db' });
    await untilDescribed(seed, 'waits for migrate, which holds the mutex db');
    assert.match(await tooltip(seed), /^Waits for migrate, which holds the mutex db {2}$/m);
  });

  it('can be paused and resumed, which the view and the status bar say, whoever has done it', async () => {
    const { view } = await extension();
    const { statusBar } = view;
    assert.equal((await run<Queue>(commands.pauseQueue)).paused, true);
    const job = await start({ command: 'sleep 600' });
    await untilDescribed(job, 'the queue is paused');
    await until('the view says it', () => view.view.message?.startsWith('The queue is paused') || undefined);
    assert.equal(statusBar.text, '$(debug-pause) 1');
    await (await service()).resumeQueue();
    await untilRunning(job.id);
    await until('the view says no more of it', () => view.view.message === '' || undefined);
    assert.equal(statusBar.text, '$(play-circle) 1');
    await (await service()).pauseQueue();
    await until('the pause is seen, though nothing waits', () => /paused/.test(view.view.message ?? '') || undefined);
    await (await service()).resumeQueue();
    await until('and so is its end', () => view.view.message === '' || undefined);
    await (await service()).pauseQueue();
    await run(commands.resumeQueue);
    assert.equal((await (await service()).getQueue()).paused, false);
  });

  it('can be paused for a session alone, which its node says', async () => {
    const { view, model } = await extension();
    const own = (await start({ command: 'true' })).id;
    const held = await start({ command: 'true', session: 'batch', held: true });
    await untilEnded(own);
    const node = async (): Promise<vscode.TreeItem> => {
      const nodes = await view.tree.getChildren();
      const found = nodes.map((one) => view.tree.getTreeItem(one)).find(({ label }) => label === 'batch');
      assert.ok(found);
      return found;
    };
    await untilKnown(held.id, 'held', ({ status }) => status === 'held');
    await run(commands.pauseSession, 'batch');
    assert.equal((await node()).description, '1 waiting · paused');
    assert.match((await node()).contextValue ?? '', /\bresumeSession\b/);
    await run(commands.release, held.id);
    await untilDescribed(held, 'its session is paused');
    await run(commands.resumeSession, 'batch');
    assert.equal((await untilEnded(held.id)).status, 'completed');
    assert.equal((await node()).description, '1 finished');
    assert.ok(model);
  });

  it('shows schedules with their next time, starts one now, and leads from its jobs to it', async () => {
    const schedule = await start({ command: 'true', name: 'yearly', cron: '0 0 1 1 *' });
    await untilKnown(schedule.id, 'scheduled', ({ status }) => status === 'scheduled');
    assert.match(String((await itemOf(schedule)).description), /^next run at .*\d/);
    await run(commands.startNow, schedule.id);
    const made = await until('the schedule has made a job', async () => {
      const { jobs } = await (await service()).listJobs({ status: 'completed' });
      return jobs.find((job) => job.schedule === schedule.id);
    });
    await untilEnded(made.id);
    const { view } = await extension();
    await run(commands.showSchedule, made.id);
    await until('the schedule is selected', () => view.view.selection[0]?.id === schedule.id || undefined);
    await run(commands.kill, schedule.id);
  });

  it('tries again, and says of the last failure that it gave up', async () => {
    const retry = { maxAttempts: 2, delayMs: 0, jitter: 0 };
    const job = await start({ command: 'exit 3', name: 'flaky', retry });
    await untilKnown(job.id, 'given up', ({ gaveUp }) => gaveUp);
    assert.match(String((await itemOf(job)).description), /^exit code 3 · .* · gave up after 2 attempts$/);
  });

  it('reruns a job with another line and the same options', async () => {
    const first = await start({ command: 'exit 3', name: 'build', tags: { team: 'web' }, priority: 7 });
    await untilEnded(first.id);
    const job = await run<Job>(commands.rerunWithEdits, first.id, 'exit 4');
    assert.equal((await untilEnded(job.id)).exitCode, 4);
    assert.notEqual(job.id, first.id);
    const { name, tags, priority, cwd } = job;
    assert.deepEqual(
      { name, tags, priority, cwd },
      { name: 'build', tags: { team: 'web' }, priority: 7, cwd: workspaceFolder() },
    );
  });
});
