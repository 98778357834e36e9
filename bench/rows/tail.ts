import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChunkRow } from '../../src/store/chunkIndex.ts';
import { logPaths, runFolder } from '../../src/store/runTable.ts';
import { effort } from '../effort.ts';
import { atMost, type Context, type Outcome } from '../bench.ts';
import { endHost, startHost, withFolder } from '../benchHost.ts';
import { addFinishedJob, withStore } from '../fillStore.ts';
import { inTurn, median, spread, timed } from '../statistics.ts';

const logBytes = 10 * 1024 ** 3;
/** A day and a half of output at the highest rate at which the tracker polls without a follower. */
const polls = 500_000;
const calls = effort(100, 20);
const lines = Array.from(
  { length: 2000 },
  (_, number) => `line ${number} of the end, as long as a line of a build is\n`,
);

export function tail(context: Context): Promise<Outcome> {
  return withFolder(async (folder) => {
    const home = join(folder, 'home');
    const id = await withStore(home, (store) => {
      const request = { argv: ['yes'], cwd: '/', maxLogBytes: 2 * logBytes };
      return addFinishedJob(store, request, (job, run) => {
        const folder = runFolder(home, job.id, run.number);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const path = logPaths(folder, 'separate').stdout;
        const end = lines.join('');
        writeFileSync(path, '', { mode: 0o600 });
        truncateSync(path, logBytes - end.length);
        appendFileSync(path, end);
        store.chunks.append(run.row, evenRows());
        return logBytes;
      }).id;
    });
    const host = await startHost(context, home);
    try {
      const read = async (): Promise<void> => {
        const { chunks } = await host.client.getOutput(id, { tail: 100 });
        if (chunks.map(({ text }) => text).join('') !== lines.slice(-100).join(''))
          throw new Error('the tail is wrong');
      };
      for (let warm = 0; warm < 20; warm++) await read();
      const { times } = await inTurn(calls, { times: () => timed(read) });
      return {
        rows: [
          {
            what: 'last 100 lines of a 10 GB log',
            ours: spread(times, ' ms', 1),
            reach: atMost(median(times), 20, ' ms'),
          },
        ],
        notes: [
          `Tail: the log is a file of 10 GiB in which everything before the last ${lines.length} lines is a hole, with ` +
            `${polls.toLocaleString('en')} index rows like those of the tracker. Only the end of the file is read.`,
        ],
      };
    } finally {
      await endHost(host);
    }
  });
}

function* evenRowsOf(): Generator<ChunkRow> {
  const length = Math.floor(logBytes / polls);
  const first = Date.now() - polls * 250;
  for (let poll = 0, offset = 0; poll < polls; poll++, offset += length) {
    const size = poll === polls - 1 ? logBytes - offset : length;
    yield { seq: offset + size, time: first + poll * 250, stream: 'stdout', offset, length: size };
  }
}

function evenRows(): ChunkRow[] {
  return [...evenRowsOf()];
}
