import type { Bench, Page } from './bench.ts';
import { agent } from './rows/agent.ts';
import { extension } from './rows/extension.ts';
import { follower } from './rows/follower.ts';
import { kill } from './rows/kill.ts';
import { manyFinished } from './rows/manyFinished.ts';
import { manyRunning } from './rows/manyRunning.ts';
import { manyWaiting } from './rows/manyWaiting.ts';
import { output } from './rows/output.ts';
import { rest } from './rows/rest.ts';
import { short } from './rows/short.ts';
import { start } from './rows/start.ts';
import { tail } from './rows/tail.ts';

const product: Page = {
  file: 'benchmarks.md',
  title: 'Benchmarks',
  about:
    'A job takes the whole path: a client, the job host in a process of its own, the production bundles. What is compared is measured in the same run, in turn. Values are medians, with the least and the most in brackets; a ratio is the median of the ratios of each round.',
};

const agents: Page = {
  file: 'agent-benchmarks.md',
  title: "For agents: these tools and the editor's own",
  about:
    'The packaged extension in VS Code 1.139, whose own chat agent calls the tools for a scripted model. Both are measured in the same window, in turn. Values are medians, with the least and the most in brackets; a ratio is the median of the ratios of each round.',
};

/**
 * Everything that `npm run bench` measures. Last what deletes thousands of files: ext4 takes longer to make new ones for
 * minutes afterwards.
 */
export const benches: readonly Bench[] = [
  { name: 'output', page: product, run: output },
  { name: 'follower', page: product, run: follower },
  { name: 'short', page: product, run: short },
  { name: 'start', page: product, run: start },
  { name: 'kill', page: product, run: kill },
  { name: 'tail', page: product, run: tail },
  { name: 'rest', page: product, run: rest },
  { name: 'extension', page: product, run: extension },
  { name: 'agent', page: agents, run: agent },
  { name: 'running', page: product, run: manyRunning },
  { name: 'waiting', page: product, run: manyWaiting },
  { name: 'finished', page: product, run: manyFinished },
];
