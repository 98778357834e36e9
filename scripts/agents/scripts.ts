// The scenarios, and what the scripted model does in them.
import type { Scripts, Step } from './model.ts';

/** What came of one scenario. */
export interface Cell {
  ok: boolean;
  /** What the model got, or what became of the agent: one line. */
  said: string;
  /** The characters of what the model got. */
  size?: number;
  ms?: number;
}

export type ScenarioName = keyof typeof titles;

export const titles = {
  start: 'first output of `start_job`',
  wait: 'last output of `wait_for_job`',
  output: '100,000 lines, by default',
  allOutput: '100,000 lines, as many as possible',
  list: '20 jobs listed',
  kill: '`kill_job`',
  tools: '`tools/list` ≤ 25 kB',
  projection: 'as the tests assume',
  agentEnds: 'agent ends, job goes on',
  agentKilled: 'agent killed, job goes on',
  refused: 'approval refused',
  status401: 'model answers 401',
  status429: 'model answers 429',
  status500: 'model answers 500',
  killed: 'killed in the middle',
  continued: '`bgjobs continue`',
};

/** The number of lines of the job that an agent leaves behind. */
export const ticks = 20;

// The output must not be in the command, which the answers repeat.
const talk = 'echo first-$((6*7)); sleep 3; echo last-$((6*7)); exit 3';
export const tick = `for i in $(seq ${ticks}); do echo tick-$i; sleep 0.3; done`;

/** The id of the job that the result at this place tells of. */
const job = (place: number) => (results: string[]) => ({
  id: /\b[0-9a-f]{8}\b/.exec(results[place] ?? '')?.[0] ?? 'none',
});

const calls = [
  { tool: 'start_job', input: { command: talk } },
  { tool: 'wait_for_job', input: job(0) },
  { tool: 'start_job', input: { command: "seq -f 'line %06.0f of the long output' 100000" } },
  { tool: 'wait_for_job', input: job(2) },
  { tool: 'get_job_output', input: job(2) },
  { tool: 'get_job_output', input: (results) => ({ ...job(2)(results), tail: 100_000, maxChars: 1_000_000 }) },
  { tool: 'list_jobs', input: {} },
  { tool: 'start_job', input: { command: 'sleep 300' } },
  { tool: 'kill_job', input: job(7) },
  { tool: 'start_job', input: { command: tick } },
] satisfies Step[];

export const scripts: Scripts = {
  tools: [...calls, { say: 'All is done.' }],
  start: [...calls.slice(0, 2), { say: 'All is done.' }],
  leave: [{ tool: 'start_job', input: { command: tick } }, 'hang'],
  refused: [{ tool: 'start_job', input: { command: 'echo it ran' } }, { say: 'All is done.' }],
  status401: [{ status: 401 }],
  status429: [{ status: 429 }],
  status500: [{ status: 500 }],
  hang: ['hang'],
  first: [{ say: 'The first answer.' }],
  second: [{ say: 'The second answer.' }],
};
