import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome, type Row } from '../bench.ts';
import { runToEnd, shellJob, withFolder, withHost } from '../benchHost.ts';
import { withPeerQueues, type PeerQueue } from '../peerQueues.ts';
import { inTurn, pairedRatio, spread, timed } from '../statistics.ts';

const rounds = effort(25, 4);
const peerRounds = effort(10, 2);
/** Finished jobs among which `list` and the completions look. */
const known = 30;

/** Measures commands as whole processes, with the job host running, beside the start of Node alone. */
export function commandLine(context: Context): Promise<Outcome> {
  const cli = join(context.dist, 'cli.js');
  return withHost(context, async ({ home, client }) => {
    for (let job = 0; job < known; job++) await runToEnd(client, shellJob('true', { name: `job ${job}` }));
    const { job } = await client.startJob(shellJob('exec sleep 3600', { name: 'server' }));
    const bgjobs = (...args: string[]) => {
      return () => timed(() => ended([cli, ...args], { ...process.env, BGJOBS_HOME: home }));
    };
    const commands = {
      'bgjobs run -- true': { run: bgjobs('run', '--', 'true'), limit: 1.6 },
      'bgjobs run --wait -- true': { run: bgjobs('run', '--wait', '--', 'true') },
      'bgjobs list': { run: bgjobs('list') },
      'bgjobs status ID': { run: bgjobs('status', job.shortId) },
      'completion of an option': { run: bgjobs('__complete', 'zsh', '--na', 'run'), limit: 1.5 },
      'completion of an id, which the job host knows': { run: bgjobs('__complete', 'zsh', 'ser', 'kill'), limit: 1.5 },
    };
    const rows = [];
    for (const [what, { run, limit }] of Object.entries<{ run: () => Promise<number>; limit?: number }>(commands)) {
      // The first one may have nothing that Node has compiled before.
      await run();
      const { ours, bare } = await inTurn(rounds, {
        ours: run,
        bare: () => timed(() => ended(['-e', '0'], process.env)),
      });
      const ratio = pairedRatio(ours, bare);
      rows.push({
        what: `${what}, whole process`,
        ours: spread(ours, ' ms', 0),
        peer: spread(bare, ' ms', 0),
        ratio,
        ...(limit !== undefined && { reach: atMost(ratio, limit, '×') }),
      });
    }
    return {
      rows: [...rows, ...(await withFolder((folder) => withPeerQueues(context, folder, peerRows)))],
      notes: [
        'Commands as whole processes: the job host is running; the peer is `node -e 0`. The commands of other programs, whose ' +
          'daemons are running, do as much as `bgjobs run -- true`.',
      ],
    };
  });
}

async function peerRows(queues: readonly PeerQueue[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, add, env } of queues) {
    const [program = '', ...args] = add;
    const { times } = await inTurn(peerRounds, {
      times: () => timed(() => once(spawn(program, args, { env, stdio: 'ignore' }), 'exit')),
    });
    rows.push({
      what: `for comparison: ${name} with \`true\`, whole process`,
      ours: '',
      peer: spread(times, ' ms', 0),
    });
  }
  return rows;
}

async function ended(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [code] = (await once(spawn(process.execPath, args, { env, stdio: 'ignore' }), 'exit')) as [number];
  if (code !== 0) throw new Error(`${args.join(' ')} exited with ${code}.`);
}
