import type { KillResult } from '../../src/api/control.ts';
import type { Job } from '../../src/api/job.ts';
import { shownText } from '../../src/text/shownOutput.ts';
import { until } from '../../test/helpers/until.ts';
import { commandLine } from '../editor/processes.ts';
import type { Jobs } from './jobs.ts';
import { processesHere } from './loopback.ts';
import { code } from './page.ts';
import type { Server } from './tool.ts';

export interface ServerResult {
  /** Ready, with the right URL, and all processes have ended. */
  isRight: boolean;
  ready: string;
  url: string;
  named: string;
  term: string;
  int: string;
  left: string;
}

interface Run {
  job: Job;
  ms: number;
  answer: string;
  named: string;
  end: string;
  left: string[];
}

/** Starts the server twice, and ends it once with each signal. */
export async function tryServer(jobs: Jobs, name: string, server: Server): Promise<ServerResult> {
  const term = await run(jobs, name, server, 'TERM');
  const int = await run(jobs, name, server, 'INT');
  const runs = [term, int];
  const late = runs.find(({ job }) => job.ready !== true);
  const left = [...new Set(runs.flatMap((one) => one.left))];
  return {
    isRight: !late && runs.every(({ job, answer }) => isRight(server, job, answer)) && left.length === 0,
    ready: late ? `**not ready**: ${late.job.status}, ${late.job.readyText}` : seconds(term.ms),
    url: urls(server, runs),
    named: term.named,
    term: term.end,
    int: int.end,
    left: left.join(', ') || 'nothing',
  };
}

async function run(jobs: Jobs, name: string, server: Server, signal: 'TERM' | 'INT'): Promise<Run> {
  await jobs.bgjobs(['list']);
  const others = new Set(processesHere());
  const options = [
    ...(server.options ?? []),
    '--name',
    name,
    '--ready-when',
    'listening',
    '--ready-timeout',
    '3m',
    '--wait-ready',
  ];
  const ready = await jobs.run(options, server.command.split(' '), server);
  const ms = Date.now() - Date.parse(ready.startedAt ?? ready.createdAt);
  const job = server.isOther || ready.url !== null ? ready : await answered(jobs, ready);
  const answer = job.url === null ? '' : await ask(job.url);
  const named = await whereNamed(jobs, job, server.port);
  const kill = await jobs.bgjobs<KillResult>(['kill', job.id, '--signal', signal]);
  const rest = () => processesHere().filter((pid) => !others.has(pid));
  await until('nothing is left', () => (rest().length === 0 ? true : undefined), 1000).catch(() => undefined);
  return { job, ms, answer, named, end: endText(kill), left: rest().map(commandLine) };
}

/** The URL of a server that takes long for its first answer is known with that. */
async function answered(jobs: Jobs, ready: Job): Promise<Job> {
  const status = () => jobs.bgjobs<Job>(['status', ready.id]);
  const withUrl = async () => ((await status()).url === null ? undefined : status());
  return until('the job has a URL', withUrl, 30_000).catch(() => ready);
}

function endText({ job, durationMs, escalated }: KillResult): string {
  const how = job.signal ?? (job.exitCode === null ? job.status : `exit code ${job.exitCode}`);
  return `${how}, ${seconds(durationMs)}${escalated ? ' (SIGKILL)' : ''}`;
}

async function ask(url: string): Promise<string> {
  try {
    return String((await fetch(url, { signal: AbortSignal.timeout(180_000), redirect: 'manual' })).status);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isRight({ port, isOther }: Server, { url }: Job, answer: string): boolean {
  if (isOther) return url === null;
  return url !== null && new URL(url).port === String(port) && /^\d+$/.test(answer);
}

function urls(server: Server, runs: readonly Run[]): string {
  const wrong = runs.find(({ job, answer }) => !isRight(server, job, answer));
  const { job, answer } = wrong ?? runs[0]!;
  const text = job.url === null ? 'none' : `${job.url.replace(/token=\w+/, 'token=…')} answers ${answer}`;
  return wrong ? `**wrong**: ${text}` : text;
}

/** The first line that names the port, before the server is ended. */
async function whereNamed(jobs: Jobs, job: Job, port: number): Promise<string> {
  const chunks = await jobs.chunks(job);
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = chunks.map((chunk) => (chunk.stream === stream ? chunk.text : '')).join('');
    const lines = shownText(text).split('\n');
    const index = lines.findIndex((line) => new RegExp(`\\b${port}\\b`).test(line));
    if (index >= 0) return `${stream} ${index + 1}: ${code(lines[index]!.trim())}`;
  }
  return 'not while it serves';
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
