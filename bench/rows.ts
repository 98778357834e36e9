import type { Bench, Page } from './bench.ts';
import { agent } from './rows/agent.ts';
import { arrays } from './rows/arrays.ts';
import { cluster } from './rows/cluster.ts';
import { commandLine } from './rows/commandLine.ts';
import { connect } from './rows/connect.ts';
import { extension } from './rows/extension.ts';
import { follower } from './rows/follower.ts';
import { kill } from './rows/kill.ts';
import { load } from './rows/load.ts';
import { manyFinished } from './rows/manyFinished.ts';
import { manyRunning } from './rows/manyRunning.ts';
import { manyWaiting } from './rows/manyWaiting.ts';
import { output } from './rows/output.ts';
import { redrawn } from './rows/redrawn.ts';
import { rest } from './rows/rest.ts';
import { short } from './rows/short.ts';
import { start } from './rows/start.ts';
import { tail } from './rows/tail.ts';

const product: Page = {
  file: 'benchmarks.md',
  title: 'Benchmarks',
  about:
    'A job takes the whole path: a client, the job host in its own process, and the production bundles. Ours and the peer are measured alternately, in the same run. Values are medians, with the minimum and maximum in parentheses. A ratio is the median of the ratios of all rounds.',
};

const agents: Page = {
  file: 'agent-benchmarks.md',
  title: "Tools for agents: ours and the editor's own",
  about:
    'The packaged extension runs in VS Code 1.139, whose own chat agent calls the tools for a scripted model. Ours and the peer are measured alternately, in the same window. Values are medians, with the minimum and maximum in parentheses. A ratio is the median of the ratios of all rounds.',
};

/**
 * Everything that `npm run bench` measures. The benchmarks that delete thousands of files come last, because ext4 then
 * creates files more slowly for some minutes.
 */
export const benches: readonly Bench[] = [
  { name: 'output', page: product, run: output },
  { name: 'follower', page: product, run: follower },
  { name: 'redrawn', page: product, run: redrawn },
  { name: 'short', page: product, run: short },
  { name: 'arrays', page: product, run: arrays },
  { name: 'cluster', page: product, run: cluster },
  { name: 'start', page: product, run: start },
  { name: 'kill', page: product, run: kill },
  { name: 'tail', page: product, run: tail },
  { name: 'rest', page: product, run: rest },
  { name: 'connect', page: product, run: connect },
  { name: 'commandLine', page: product, run: commandLine },
  { name: 'extension', page: product, run: extension },
  { name: 'agent', page: agents, run: agent, isLong: true },
  { name: 'running', page: product, run: manyRunning },
  { name: 'waiting', page: product, run: manyWaiting },
  { name: 'load', page: product, isLong: true, run: load },
  { name: 'finished', page: product, run: manyFinished },
];
