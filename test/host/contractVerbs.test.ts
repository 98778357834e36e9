import assert from 'node:assert/strict';
import type { Json, JsonObject } from '../helpers/canonicalSchema.ts';
import { processesOf, useHome, type CliOptions } from '../helpers/cli.ts';
import { pathWithAgents } from '../helpers/codingAgents.ts';
import { assertContract } from '../helpers/contract.ts';
import { shapeOf } from '../helpers/jsonShape.ts';
import { Serving } from '../helpers/serve.ts';
import { until } from '../helpers/until.ts';

/** What every verb prints with --json. */
describe('the contract of bgjobs --json: the verbs', () => {
  const home = useHome({ PATH: pathWithAgents() });
  const sleep = ['--', 'sleep', '600'];
  const shape = async (...args: string[]): Promise<Json> => shapeOf(await home.json<Json>(args));
  /** Of a stream: one object a line. */
  const lines = async (...args: string[]): Promise<Json> => {
    const { code, stdout, stderr } = await home.bgjobs([...args, '--json']);
    assert.equal(code, 0, stderr);
    return shapeOf(parsed(stdout));
  };
  const started = async (...args: string[]) => (await home.run(args)).id;
  const ended = async (...args: string[]) => (await home.ended(await started(...args))).id;
  const running = async (...args: string[]) => (await home.reaches(await started(...args), 'running')).id;
  const held = () => started('--hold', '--', 'true');

  /** By verb: each of its answers. */
  const verbs: Record<string, () => Promise<Record<string, Json>>> = {
    async run() {
      const key = ['--key', 'one', '--hold', '--', 'true'];
      return {
        held: await shape('run', ...key),
        'known key': await shape('run', ...key),
        wait: await shape('run', '--wait', '--', 'echo', 'hello'),
        'wait ready': await shape(
          'run',
          '--wait-ready',
          '--ready-when',
          '/up/',
          '--',
          'sh',
          '-c',
          'echo up; sleep 600',
        ),
        'wait for a failure': await answer(4, ['run', '--wait', '--', 'sh', '-c', 'exit 4']),
      };
    },
    async 'agent, continue, agent-events'() {
      const job = await home.json<{ id: string }>(['agent', 'claude', '--wait', '--', 'Fix it']);
      return {
        agent: await shape('agent', 'claude', '--wait', '--', 'Fix it'),
        continue: await shape('continue', job.id, '--wait', '--', 'Go on'),
        'agent-events': await shape('agent-events', job.id),
        'agent-events, a page': await shape('agent-events', job.id, '--since', '2', '--limit', '2'),
        'agent-events --follow': await lines('agent-events', job.id, '--follow'),
      };
    },
    async list() {
      const tag = ['--tag', 'of=list'];
      const none = await shape('list', '--tag', 'of=list');
      await home.run([...tag, '--hold', '--', 'true']);
      await ended(...tag, '--', 'true');
      return { none, some: await shape('list', '--tag', 'of=list'), page: await shape('list', ...tag, '--limit', '1') };
    },
    async inspect() {
      const id = await running('--', 'sh', '-c', 'echo up; sleep 600; :');
      await home.json(['wait', id, '--for', '/up/']);
      return { running: await shape('inspect', id), ended: await shape('inspect', await ended('--', 'true')) };
    },
    async output() {
      const id = await ended('--', 'sh', '-c', 'echo out; echo more; echo err >&2');
      return {
        page: await shape('output', id),
        tail: await shape('output', id, '--tail', '1', '--stream', 'stdout'),
        grep: await shape('output', id, '--grep', 'o'),
        range: await shape('output', id, '--range', '0-2', '--stream', 'stdout'),
        since: await shape('output', id, '--since', '8'),
        follow: await lines('output', id, '--follow'),
        'of none': await shape('output', await held()),
      };
    },
    async wait() {
      const id = await running('--', 'sh', '-c', 'echo up; sleep 600');
      return {
        match: await shape('wait', id, '--for', '/up/'),
        started: await shape('wait', id, '--for', 'started'),
        'timed out': await answer(124, ['wait', id, '--timeout', '10ms']),
        'ended without it': await answer(1, ['wait', await ended('--', 'true'), '--for', '/never/']),
        exit: await shape('wait', await ended('--', 'true')),
      };
    },
    async events() {
      const id = await running(...sleep);
      await until(
        'its process is known',
        async () => (await home.json<{ pid: number | null }>(['status', id])).pid ?? undefined,
      );
      await home.json(['kill', id]);
      const watching = await home.start(['events', '--since', '0', '--job', id, '--json']);
      await until('its end is told', () => /"to":"killed"/.exec(watching.stdout()) ?? undefined);
      watching.child.kill('SIGINT');
      return { events: shapeOf(parsed((await watching.ended).stdout)) };
    },
    async kill() {
      const requeued = await running('--session', 'requeued', ...sleep);
      await home.json(['queue', 'pause', '--session', 'requeued']);
      const many = ['--tag', 'of=kill'];
      await running(...many, ...sleep);
      await running(...many, ...sleep);
      return {
        running: await shape('kill', await running(...sleep), '--reason', 'enough'),
        signalled: await shape('kill', await running('--', 'sleep', '600'), '--signal', 'USR1', '--no-escalate'),
        requeued: await shape('kill', requeued, '--requeue'),
        ended: await shape('kill', await ended('--', 'true')),
        waiting: await shape('kill', await started('--at', '2099-01-01 10:00', '--', 'true')),
        many: await shape('kill', ...many),
        none: await shape('kill', '--tag', 'of=nothing'),
      };
    },
    async 'pause, resume, input'() {
      const [one, two] = [await running(...sleep), await running(...sleep)];
      const fed = await running('--stdin', 'pipe', '--', 'cat');
      return {
        pause: await shape('pause', one),
        'pause several': await shape('pause', two, fed),
        resume: await shape('resume', one),
        'resume several': await shape('resume', two, fed),
        'one of several': await answer(3, ['pause', one, 'ffffffff']),
        input: await shape('input', fed, 'hello'),
      };
    },
    async 'restart, hold, release, move, update, remove'() {
      const session = ['--session', 'still'];
      await home.json(['queue', 'pause', ...session]);
      const [one, two] = [await started(...session, '--', 'true'), await started(...session, '--', 'true')];
      const done = await ended('--', 'true');
      return {
        move: await shape('move', two, 'up'),
        update: await shape('update', one, '--priority', '8', '--after', `${done}:finished`, '--pin'),
        hold: await shape('hold', one),
        'hold several': await shape('hold', two, await started(...session, '--', 'true')),
        release: await shape('release', one),
        restart: await shape('restart', done).then(
          async (restarted) => (await home.ended(done), Object.keys(restarted ?? {})),
        ),
        remove: await shape('remove', await held()),
        'remove several': await shape('remove', done, await held()),
      };
    },
    async 'queue, limits'() {
      const session = ['--session', 'waits'];
      const pause = await shape('queue', 'pause', '--session', 'waits');
      await started(...session, '--', 'true');
      return {
        pause,
        queue: await shape('queue'),
        'pause all': await shape('queue', 'pause'),
        resume: await shape('queue', 'resume'),
        limits: await shape('limits', '--max', '20', '--session', 'waits=1'),
      };
    },
    async 'cleanup, metrics'() {
      await ended('--', 'true');
      return {
        'dry run': await shape('cleanup', '--dry-run'),
        cleanup: await shape('cleanup', '--keep', '1'),
        metrics: await shape('metrics'),
      };
    },
    async doctor() {
      const id = await ended('--', 'sh', '-c', 'setsid sleep 600 >/dev/null 2>&1 &');
      await until('it is left alone', () => (processesOf(`BGJOBS_RUN_ID=${id}.1`).length === 1 ? true : undefined));
      // Neither the state of this machine nor what other tests have left just now is part of the contract.
      const { stdout } = await home.bgjobs(['doctor', '--json', '--end']);
      const { checks, processes, ...others } = JSON.parse(stdout) as Record<'checks' | 'processes', JsonObject[]>;
      const [left] = processes.filter(({ jobId }) => jobId === id);
      return {
        checks: checks.map(({ id, ...check }) => ({ id: id ?? null, keys: Object.keys(check).sort() })),
        processes: shapeOf(left ?? null),
        others: shapeOf(others),
      };
    },
    async 'host, serve'() {
      await using serving = await Serving.start(home);
      return {
        serve: shapeOf({ ...serving.served }),
        start: await shape('host', 'start'),
        status: await shape('host', 'status'),
        stop: await shape('host', 'stop'),
        'status of none': await shape('host', 'status'),
      };
    },
    async 'what is wrong'() {
      const id = await ended('--', 'true');
      return {
        usage: await answer(2, ['run', '--nonsense']),
        'unknown signal': await answer(2, ['kill', id, '--signal', 'NONE']),
        'no such folder': await answer(2, ['run', '--cwd', '/no/such/folder', '--', 'true']),
        'not found': await answer(3, ['status', 'ffffffff']),
        'no such run': await answer(3, ['output', id, '--run', '9']),
        'wrong state': await answer(4, ['pause', id]),
        'no host': await answer(5, ['list'], { env: { BGJOBS_HOME: '/dev/null/home' } }),
      };
    },
  };

  afterEach(async () => {
    await home.bgjobs(['queue', 'resume']);
    await home.bgjobs(['kill', '--all', '--signal', 'KILL']);
  });

  for (const [verb, make] of Object.entries(verbs)) {
    it(`of ${verb}`, async () => assertContract('verbs', await make(), verb));
  }

  /** With another exit code than 0. */
  async function answer(exitCode: number, args: string[], options?: CliOptions): Promise<Json> {
    const [verb = '', ...rest] = args;
    const { code, stdout, stderr } = await home.bgjobs([verb, '--json', ...rest], options);
    assert.equal(code, exitCode, stdout + stderr);
    return shapeOf(JSON.parse(stdout) as Json);
  }
});

function parsed(text: string): Json[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
}
