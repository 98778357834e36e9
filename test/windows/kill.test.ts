import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { until } from '../helpers/until.ts';
import { useWindows, windowsPath } from '../helpers/windows/machine.ts';
import { windowsShapes } from '../helpers/windows/shapes.ts';
import { endTagged, newTag, survivorsOf, tagged } from '../torture/census.ts';

interface Killed {
  result: string;
  escalated: boolean;
  survivors: unknown[];
  leftoversEnded: number;
  job: Job;
}

describe('on Windows, a kill', () => {
  const windows = useWindows();
  const tags: string[] = [];

  afterEach(async () => {
    for (const tag of tags.splice(0)) await endTagged(tag);
  });

  /** Starts a tree. Resolves when there are so many processes; the supervisor is one of them while it is there. */
  async function start(processes: number, argv: (tag: string) => string[]): Promise<{ job: Job; tag: string }> {
    const tag = newTag();
    tags.push(tag);
    const job = await windows().json<Job>('run', '--', ...argv(tag));
    await until(`${processes} processes`, () => (tagged(tag).length >= processes ? true : undefined), 100_000);
    return { job, tag };
  }

  const kill = (job: Job, ...options: string[]) => windows().json<Killed>('kill', ...options, job.id);

  it('asks with Ctrl+C at first, so that a command can clean up', async () => {
    const node = windowsPath(windows().nodePath);
    const [ready, cleaned] = ['ready', 'cleaned'].map((name) => join(windows().folder, name));
    const write = (path: string) => `require('fs').writeFileSync(${JSON.stringify(windowsPath(path))}, '')`;
    const source = `process.on('SIGINT', () => { ${write(cleaned!)}; process.exit(7); });
      setInterval(() => undefined, 60000); ${write(ready!)}`.replaceAll(/\s+/g, ' ');
    const { job } = await start(2, (tag) => [node, '-e', source, tag]);
    await until('it listens', () => (existsSync(ready!) ? true : undefined));
    const killed = await kill(job, '--grace', '60s');
    assert.deepEqual([killed.result, killed.escalated, killed.job.exitCode], ['killed', false, 7]);
    assert.ok(existsSync(cleaned!));
  });

  it('says that it was not enough to ask', async () => {
    const shape = windowsShapes.find(({ name }) => name.startsWith('it ignores'))!;
    const { job, tag } = await start(shape.processes + 1, (tag) => shape.argv(tag, windowsPath(windows().nodePath)));
    const { result, escalated, survivors } = await kill(job, '--grace', '1s');
    assert.deepEqual([result, escalated, survivors], ['killed', true, []]);
    assert.deepEqual(await survivorsOf(tag), []);
  });

  for (const shape of windowsShapes) {
    it(`leaves nothing of a tree: ${shape.name}`, async () => {
      const { job, tag } = await start(shape.processes + 1, (tag) => shape.argv(tag, windowsPath(windows().nodePath)));
      const { result, survivors, job: ended } = await kill(job, '--signal', 'KILL');
      assert.deepEqual([result, ended.status, survivors], ['killed', 'killed', []]);
      assert.deepEqual(await survivorsOf(tag), []);
    });
  }

  it('finds and ends what a command has left, also when the job host was ended meanwhile', async () => {
    const line = (tag: string) => `start /b cmd /c start /b ping -n ${tag} 127.0.0.1`;
    const { job, tag } = await start(1, (tag) => ['cmd', '/c', line(tag)]);
    await until('it is left', async () => {
      const { status, leftovers } = await windows().json<Job>('status', job.id);
      return status === 'completed' && leftovers.length > 0 ? true : undefined;
    });
    await windows().endHost();
    const { survivors, leftoversEnded } = await kill(job);
    assert.deepEqual([survivors, leftoversEnded > 0], [[], true]);
    assert.deepEqual(await survivorsOf(tag), []);
  });

  it('ends a tree, and another job ends with its code, after the job host was ended', async () => {
    const node = windowsPath(windows().nodePath);
    const go = join(windows().folder, 'go');
    const source = `setInterval(() => { if (require('fs').existsSync(${JSON.stringify(windowsPath(go))})) process.exit(3); }, 100)`;
    const { job, tag } = await start(4, (tag) => ['cmd', '/c', `cmd /c ping -n ${tag} 127.0.0.1`]);
    const other = await start(2, (tag) => [node, '-e', source, tag]);
    await windows().endHost();
    writeFileSync(go, '');
    const { status, exitCode } = await until('it has ended', async () => {
      const job = await windows().json<Job>('status', other.job.id);
      return job.status === 'running' ? undefined : job;
    });
    assert.deepEqual([status, exitCode], ['failed', 3]);
    assert.deepEqual((await kill(job, '--signal', 'KILL')).survivors, []);
    assert.deepEqual(await survivorsOf(tag), []);
  });
});
