import type { Command } from 'commander';
import type { JobService } from '../../api/endpoints.ts';
import type { Inspection } from '../../api/inspection.ts';
import type { Job } from '../../api/job.ts';
import { isActive } from '../../api/values.ts';
import { bytes, commandLine, oneLine, plural } from '../../text/grammar.ts';
import { shownLines } from '../../text/shownOutput.ts';
import { stateWord } from '../../text/stateText.ts';
import { duration, elapsed } from '../../text/timeText.ts';
import { showLive, type LiveView } from '../base/liveScreen.ts';
import { definedOnly, type Context } from '../base/context.ts';
import { painter, statusStyle, table } from '../base/table.ts';
import { sessionOption } from '../options/offer.ts';
import { parseDuration } from '../options/parse.ts';

interface TopOptions {
  session?: string;
  interval?: number;
}

export function addTop(program: Command, context: Context): void {
  program
    .command('top')
    .summary('watch what runs: CPU, memory and progress')
    .description('Watch the jobs that run and wait, with their CPU (percent of one core), memory and progress.')
    .argument('[query...]', 'only jobs that match, as in `bgjobs list`')
    .addOption(sessionOption('only jobs of this session'))
    .option('--interval <duration>', 'time between two looks (default 2s)', parseDuration)
    .addHelpText('after', help)
    .action(async (words: string[], { interval = 2000, session }: TopOptions) => {
      const service = await context.stayConnected();
      const query = definedOnly({ session, q: words.length > 0 ? words.join(' ') : undefined });
      const view = new Top(context, service, query);
      await showLive(context, view, { verb: 'bgjobs top', instead: 'Use bgjobs list and bgjobs inspect.' }, interval);
    });
}

const help = `
Keys: up and down (or k and j) choose a job, l or Enter shows the end of its log, s stops it, r restarts it, q leaves.
`;

/** Lines above the rows of jobs: counts, an empty one, the heading. Below them: the keys. */
const otherLines = 4;
const mostListed = 200;

class Top implements LiveView {
  readonly #context: Context;
  readonly #service: JobService;
  readonly #query: { session?: string; q?: string };
  #jobs: readonly Job[] = [];
  #chosen: string | undefined;
  /** Whether the log of the chosen job is shown. */
  #showsLog = false;
  #said = '';

  constructor(context: Context, service: JobService, query: { session?: string; q?: string }) {
    this.#context = context;
    this.#service = service;
    this.#query = query;
  }

  async lines(rows: number): Promise<readonly string[]> {
    return this.#showsLog && this.#chosen !== undefined ? this.#log(this.#chosen, rows) : this.#list(rows);
  }

  async key(key: string): Promise<boolean> {
    const at = this.#jobs.findIndex(({ id }) => id === this.#chosen);
    const job = this.#jobs[at];
    if (this.#showsLog) this.#showsLog = false;
    else if (key === '\u001B') return true;
    else if (key === '\u001B[A' || key === 'k') this.#chosen = this.#jobs[Math.max(0, at - 1)]?.id;
    else if (key === '\u001B[B' || key === 'j') this.#chosen = this.#jobs[Math.min(this.#jobs.length - 1, at + 1)]?.id;
    else if (job && (key === 'l' || key === '\r')) this.#showsLog = true;
    else if (job && key === 's') await this.#act('stopped', job, () => this.#service.killJob(job.id, { wait: false }));
    else if (job && key === 'r') {
      const inheritEnv = definedOnly(this.#context.env);
      await this.#act('restarted', job, () => this.#service.restartJob(job.id, { inheritEnv }));
    }
    return false;
  }

  async #act(done: string, { shortId }: Job, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
      this.#said = `${shortId} ${done}`;
    } catch (error) {
      this.#said = oneLine((error as Error).message);
    }
  }

  async #list(rows: number): Promise<string[]> {
    const list = await this.#service.listJobs({ ...this.#query, status: 'running,waiting', limit: mostListed });
    // What runs stands first.
    this.#jobs = [...list.jobs].sort((a, b) => Number(isActive(b.status)) - Number(isActive(a.status)));
    const at = Math.max(
      0,
      this.#jobs.findIndex(({ id }) => id === this.#chosen),
    );
    this.#chosen = this.#jobs[at]?.id;
    const room = Math.max(1, rows - otherLines);
    const first = Math.max(0, Math.min(at - Math.floor(room / 2), this.#jobs.length - room));
    const shown = this.#jobs.slice(first, first + room);
    const now = Date.now();
    const usage = await Promise.all(shown.map((job) => this.#inspect(job)));
    const paint = painter(this.#context);
    const heading = ['', 'ID', 'STATUS', 'CPU', 'MEMORY', 'PROGRESS', 'ELAPSED', 'SESSION', 'JOB'];
    const cells = shown.map((job, index) => row(job, usage[index], job.id === this.#chosen, now));
    const running = this.#jobs.filter(({ status }) => isActive(status)).length;
    const counts = `${plural(running, 'job runs', 'jobs run')}, ${this.#jobs.length - running} waiting`;
    const hidden = list.total - shown.length;
    return [
      `${paint('bold', counts)}${hidden > 0 ? `, ${hidden} not shown` : ''}  ${this.#said}`,
      '',
      ...table(this.#context, heading, cells).split('\n'),
      paint('dim', 'up/down choose  l log  s stop  r restart  q leave'),
    ];
  }

  /** @returns undefined for what does not run, or has just ended */
  async #inspect({ id, status, array }: Job): Promise<Inspection | undefined> {
    if (!isActive(status) || array) return undefined;
    return this.#service.inspectJob(id).catch(() => undefined);
  }

  async #log(id: string, rows: number): Promise<string[]> {
    const job = await this.#service.getJob(id);
    const { chunks } = job.run === null ? { chunks: [] } : await this.#service.getOutput(id, { tail: rows });
    const text = shownLines(chunks, true).map((line) => line.text.replace(/\r?\n$/, ''));
    const head = `${job.shortId} ${stateWord(job, Date.now())}  ${job.name === null ? commandLine(job) : oneLine(job.name)}`;
    return [
      painter(this.#context)('bold', head),
      ...text.slice(-Math.max(1, rows - 2)),
      painter(this.#context)('dim', 'any key: back  q leave'),
    ];
  }
}

function row(job: Job, usage: Inspection | undefined, isChosen: boolean, now: number) {
  const lasted = elapsed(job, now);
  const { cpu = null, memory = null } = usage?.totals ?? {};
  return [
    isChosen ? '>' : ' ',
    job.shortId,
    [stateWord(job, now), statusStyle[job.status]] as const,
    cpu === null ? '' : `${cpu.toFixed(1)}%`,
    memory === null ? '' : bytes(memory),
    job.progress === null ? '' : `${Math.round(job.progress.percent)}%`,
    lasted === null ? '' : duration(lasted),
    oneLine(job.session),
    job.name === null ? commandLine(job) : oneLine(job.name),
  ];
}
