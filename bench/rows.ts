import type { Bench } from './bench.ts';
import { extension } from './rows/extension.ts';
import { follower } from './rows/follower.ts';
import { kill } from './rows/kill.ts';
import { manyFinished } from './rows/manyFinished.ts';
import { manyRunning } from './rows/manyRunning.ts';
import { output } from './rows/output.ts';
import { rest } from './rows/rest.ts';
import { short } from './rows/short.ts';
import { start } from './rows/start.ts';
import { tail } from './rows/tail.ts';

/**
 * Everything that `npm run bench` measures. Last what deletes thousands of files: ext4 takes longer to make new ones for
 * minutes afterwards.
 */
export const benches: readonly Bench[] = [
  { name: 'output', run: output },
  { name: 'follower', run: follower },
  { name: 'short', run: short },
  { name: 'start', run: start },
  { name: 'kill', run: kill },
  { name: 'tail', run: tail },
  { name: 'rest', run: rest },
  { name: 'extension', run: extension },
  { name: 'running', run: manyRunning },
  { name: 'finished', run: manyFinished },
];
