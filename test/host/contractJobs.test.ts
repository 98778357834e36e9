import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../helpers/canonicalSchema.ts';
import { useHome } from '../helpers/cli.ts';
import { pathWithAgents } from '../helpers/codingAgents.ts';
import { assertContract } from '../helpers/contract.ts';
import { shapeOf } from '../helpers/jsonShape.ts';
import { until } from '../helpers/until.ts';
import { usualPort } from '../helpers/usualPort.ts';

/** The record of a job, as `bgjobs status --json` prints it, in every state and with every option. */
describe('the contract of bgjobs --json: a job', () => {
  const home = useHome({ PATH: pathWithAgents() });
  const all = [
    ...['--name', 'all', '--session', 'all', '--env', 'A=1', '--env', 'B-', '--env-file', 'file', '--tag', 'a=b'],
    ...['--priority', '7', '--timeout', '1h', '--idle-timeout', '30m', '--hold', '--memory', '1G', '--nice', '5'],
    ...['--grace', '2s', '--ready-when', '/up/', '--ready-timeout', '1m', '--if-not-ready', 'stop', '--stdin', 'text'],
    ...['--key', 'all', '--if-full', 'reject', '--capture', 'merged', '--max-log', '4M', '--leftovers', 'kill'],
    ...['--mutex', 'm', '--retry', '3', '--retry-on', '75', '--retry-delay', '2s', '--retry-max-delay', '1m'],
  ];
  const sleep = ['--', 'sleep', '600'];
  const ended = async (...args: string[]) => (await home.ended((await home.run(args)).id)).id;
  const running = async (...args: string[]) => {
    const { id } = await home.run(args);
    return (await home.reaches(id, 'running')).id;
  };
  const killed = async (id: string, ...args: string[]) => {
    await home.json(['kill', id, ...args]);
    return id;
  };
  const started = async (...args: string[]) => (await home.run(args)).id;

  let leaving: string | undefined;

  /** Each makes a job and brings it into a state in which it stays. */
  const jobs: Record<string, () => Promise<string>> = {
    'held, with options': () => started(...all, '--', 'true'),
    'held, to restart': () => started('--hold', '--restart', 'on-failure', '--max-restarts', '3/30s', '--', 'true'),
    'scheduled at a time': () => started('--at', '2099-01-01 10:00', '--', 'true'),
    'scheduled by cron': () =>
      started(
        '--cron',
        '0 4 1 1 *',
        '--time-zone',
        'UTC',
        '--if-missed',
        'skip',
        '--if-overlap',
        'queue',
        '--',
        'true',
      ),
    'pending after another': async () =>
      started('--after', `${await started('--hold', '--', 'true')}:finished`, '--', 'true'),
    'pending for a mutex': async () => {
      await running('--mutex', 'one', ...sleep);
      return started('--mutex', 'one', ...sleep);
    },
    'pending for the limit of a session': async () => {
      await running('--session', 'small', ...sleep);
      return started('--session', 'small', ...sleep);
    },
    'pending in a paused queue': async () => {
      await home.json(['queue', 'pause', '--session', 'paused']);
      return started('--session', 'paused', ...sleep);
    },
    'pending before a retry': async () => {
      const id = await started('--retry', '3', '--retry-delay', '1h', '--', 'false');
      return (await home.reaches(id, 'pending')).id;
    },
    running: () => running('--env', 'A=1', '--env', 'B-', ...sleep),
    'running and ready': async () => {
      const port = await usualPort();
      const server = `require('http').createServer().listen(${port}, () => console.log('up http://127.0.0.1:${port}/'))`;
      const id = await started('--ready-when', '/up http/', '--', process.execPath, '-e', server);
      await home.json(['wait', id, '--for', 'ready']);
      return id;
    },
    'running and not ready': async () => {
      const id = await started('--ready-when', 'file:never', '--ready-timeout', '1ms', ...sleep);
      await home.bgjobs(['wait', id, '--for', 'ready']);
      return id;
    },
    'running and fed': () => running('--stdin', 'pipe', '--', 'cat'),
    paused: async () => {
      const id = await running(...sleep);
      await home.json(['pause', id]);
      return id;
    },
    stopping: async () => {
      const id = await started('--grace', '1h', '--', 'sh', '-c', 'trap "" TERM; echo up; while :; do sleep 1; done');
      await home.json(['wait', id, '--for', '/up/']);
      await home.json(['kill', id, '--no-wait', '--reason', 'enough']);
      return id;
    },
    completed: () => ended('--', 'sh', '-c', 'echo out; echo err >&2'),
    'completed, started by a shell': () => ended('--capture', 'merged', '--shell', 'echo out'),
    'completed after a retry': () =>
      ended('--retry', '2', '--retry-delay', '10ms', '--', 'sh', '-c', '[ -e tried ] || { touch tried; exit 1; }'),
    'completed, with processes that remain': async () => {
      const id = (leaving = await ended('--', 'sh', '-c', 'setsid sleep 600 >/dev/null 2>&1 &'));
      return until('they are found', async () =>
        (await home.json<{ leftovers: Json[] }>(['status', id])).leftovers.length > 0 ? id : undefined,
      );
    },
    'completed and pinned': async () => {
      const id = await ended('--', 'true');
      await home.json(['update', id, '--pin']);
      return id;
    },
    'completed, a coding agent': async () => {
      const { id } = await home.json<{ id: string }>(['agent', 'codex', '--model', 'm', '--', 'Fix it', '--sandbox']);
      await home.ended(id);
      return id;
    },
    failed: () => ended('--', 'sh', '-c', 'exit 3'),
    'failed by a signal': () => ended('--', 'sh', '-c', 'kill -SEGV $$'),
    'failed to start': () => ended('--', 'no-such-program'),
    'failed too often': () => ended('--retry', '2', '--retry-delay', '10ms', '--', 'false'),
    killed: async () => killed(await running(...sleep), '--reason', 'enough'),
    'timed out': () => ended('--timeout', '50ms', ...sleep),
    'timed out without output': () => ended('--idle-timeout', '50ms', ...sleep),
    cancelled: async () => killed(await started('--at', '2099-01-01 10:00', '--', 'true')),
    'cancelled after another': async () => ended('--after', await ended('--', 'false'), '--', 'true'),
    requeued: async () => {
      const id = await running('--session', 'requeued', ...sleep);
      await home.json(['queue', 'pause', '--session', 'requeued']);
      return killed(id, '--requeue');
    },
  };

  let made: Record<string, Promise<Json>>;

  before(async () => {
    writeFileSync(join(home.path, 'file'), 'C=3\n');
    await home.json(['limits', '--max', '0', '--max-per-session', '0', '--session', 'small=1']);
    // Side by side: most of the time is spent on starting `bgjobs`.
    made = Object.fromEntries(
      Object.entries(jobs).map(([state, make]) => [
        state,
        make().then(async (id) => shapeOf(await home.json<Json>(['status', id]))),
      ]),
    );
    await Promise.allSettled(Object.values(made));
    // Not among all at the end, because its job has ended.
    if (leaving) await home.json(['kill', leaving]);
  });
  for (const state of Object.keys(jobs)) {
    it(`that is ${state}`, async () => assertContract('job', { job: (await made[state]) ?? null }, state));
  }
});
