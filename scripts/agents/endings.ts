// How agents end, and what becomes of their jobs and of agents that are jobs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '../../src/api/job.ts';
import { until } from '../../test/helpers/until.ts';
import type { ClientName } from './clients.ts';
import { scripts, tick, ticks, type Cell } from './scripts.ts';
import { firstLine, Session } from './session.ts';

/** Agents retry for minutes. They are watched for this time, and then killed. */
const retryLimitMs = 30_000;

export async function agentEnds(session: Session): Promise<Cell> {
  return ticked(session, 'ended by itself');
}

export async function agentKilled(session: Session): Promise<Cell> {
  const before = session.model.seen.length;
  const end = new AbortController();
  const run = session.run('leave', 120_000, end.signal);
  const started = () => session.model.seen.slice(before).some(({ results }) => results.length === 1);
  await until('the job is started', () => (started() ? true : undefined), 60_000).catch(() => undefined);
  end.abort();
  await run;
  return ticked(session, 'killed with SIGKILL');
}

/** The newest job prints its ticks to the end. */
async function ticked(session: Session, how: string): Promise<Cell> {
  const { jobs } = (await session.bgjobs(['list', '--json', '--limit', '100'])) as { jobs: Job[] };
  const last = jobs.find(({ command }) => command === tick);
  if (!last) return { ok: false, said: `the agent was ${how} before it started the job` };
  const { job } = (await session.bgjobs(['wait', last.id, '--json'])) as { job: Job };
  const lines = (await outputOf(session, last.id)).split('\n').length - 1;
  return {
    ok: job.status === 'completed' && lines === ticks,
    said: `the agent ${how}; the job is ${job.status} with ${lines} of ${ticks} lines`,
  };
}

export async function refused(name: ClientName): Promise<Cell> {
  await using session = await Session.open(name, { approve: false, scripts });
  const end = await session.run('refused', 60_000);
  const { jobs } = (await session.bgjobs(['list', '--json'])) as { jobs: Job[] };
  const seen = session.model.seen;
  const text = seen.flatMap(({ results }) => results)[0];
  const missing = seen.some((one) => one.missing);
  const said =
    text === undefined ? (missing ? 'the tools are not offered' : 'the model is told nothing') : firstLine(text);
  const started = jobs.length === 1 ? 'the job runs without a question' : 'no job';
  return {
    ok: !end.timedOut && jobs.length === Number(/\b[0-9a-f]{8}\b/.test(text ?? '')),
    said: `${started}: ${said}`,
    ms: end.ms,
  };
}

export async function failing(session: Session, script: string, hasAdapter: boolean): Promise<Cell> {
  const id = await session.startJob(script, hasAdapter);
  await asked(session, script);
  const started = performance.now();
  const waited = await session.bgjobs(['wait', id, '--json', '--timeout', `${retryLimitMs}ms`]);
  const ms = Math.round(performance.now() - started);
  const events = hasAdapter ? await eventTypes(session, id) : [];
  const { timedOut, job } = waited as { timedOut: boolean; job: Job };
  if (timedOut) await session.bgjobs(['kill', id, '--json']);
  const tries = session.model.seen.filter((one) => one.script === script).length;
  const outcome = timedOut ? `still trying after ${retryLimitMs / 1000} s` : `${job.status}, exit code ${job.exitCode}`;
  const isSilent = !/\bretr(?:y|ies|ying)\b|rate.?limit/i.test(await outputOf(session, id));
  const silence = isSilent ? ', and it writes nothing about it' : '';
  const told = hasAdapter ? `; events: ${[...new Set(events)].join(', ')}${silence}` : '';
  const isTold = !hasAdapter || isSilent || events.includes('error') || events.includes('result');
  return { ok: tries > 0 && isTold && job.status !== 'completed', said: `${outcome}; ${tries} requests${told}`, ms };
}

export async function killed(session: Session, hasAdapter: boolean): Promise<Cell> {
  // Cline's daemon serves all its runs and stays.
  const others = new Set(session.processes());
  const id = await session.startJob('hang', hasAdapter);
  const hasAsked = await asked(session, 'hang');
  const started = performance.now();
  await session.bgjobs(['kill', id, '--json']);
  const ms = Math.round(performance.now() - started);
  await sleep(500);
  const job = (await session.bgjobs(['status', id, '--json'])) as Job;
  const left = session.processes().filter((line) => !others.has(line));
  const page = hasAdapter
    ? ((await session.bgjobs(['agent-events', id, '--json'])) as { events: { type: string; status?: string }[] })
    : undefined;
  const completed = page?.events.some(({ type, status }) => type === 'result' && status === 'completed') === true;
  const said = [
    hasAsked ? `the job is ${job.status}` : 'the agent did not ask its model in time',
    left.length === 0 ? 'nothing is left' : `left: ${left.map((line) => line.slice(0, 80)).join('; ')}`,
    ...(completed ? ['its events say completed'] : []),
  ];
  return { ok: hasAsked && job.status === 'killed' && left.length === 0 && !completed, said: said.join(', '), ms };
}

export async function continued(session: Session): Promise<Cell> {
  const first = await session.startJob('first', true);
  await session.bgjobs(['wait', first, '--json', '--timeout', '60s']);
  const next = (await session.bgjobs([
    'continue',
    first,
    '--json',
    '--',
    'Please follow the script matrix-second now.',
  ])) as Job & { error?: { message: string } };
  if (next.id === undefined) {
    const { message = 'it did not start' } = next.error ?? {};
    return { ok: message.includes('only in its own interface'), said: message };
  }
  await session.bgjobs(['wait', next.id, '--json', '--timeout', '60s']);
  const { prompts = [] } = session.model.seen.findLast((one) => one.script === 'second') ?? {};
  const ok = prompts.includes('first') && prompts.includes('second');
  return {
    ok,
    said: ok ? 'the model sees the first prompt and the second' : `the model sees: ${prompts.join(', ') || 'nothing'}`,
  };
}

/** Waits until the agent asks its model, which is late on a busy machine. */
async function asked(session: Session, script: string): Promise<boolean> {
  const seen = () => (session.model.seen.some((one) => one.script === script) ? true : undefined);
  return until('the agent asks its model', seen, 90_000).catch(() => false);
}

async function outputOf(session: Session, id: string): Promise<string> {
  const page = (await session.bgjobs(['output', id, '--json', '--stream', 'stdout'])) as { chunks: { text: string }[] };
  return page.chunks.map(({ text }) => text).join('');
}

async function eventTypes(session: Session, id: string): Promise<string[]> {
  const page = (await session.bgjobs(['agent-events', id, '--json'])) as { events: { type: string }[] };
  return page.events.map(({ type }) => type);
}
