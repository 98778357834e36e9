import type * as z from 'zod';
import { beginsSession } from '../../agents/coding/commandLine.ts';
import { AgentEventReader } from '../../agents/coding/eventReader.ts';
import type { AgentEvent, AgentEventPage, agentEventsQuery } from '../../api/codingAgent.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { CodingAgentOption } from '../../api/options.ts';
import { outputQuery } from '../../api/output.ts';
import { isEnded, type RunStatus } from '../../api/values.ts';
import type { JobOutput } from './jobOutput.ts';
import type { Views } from './jobs.ts';
import type { JobRow } from '../../store/jobTable.ts';
import type { RunRow } from '../../store/runTable.ts';
import type { Store } from '../../store/store.ts';

/** Bytes that are read at once. */
const pageBytes = 262_144;
/** How many are kept for whoever asks again. */
const maxPlaces = 8;

/** Where somebody has read to. */
interface Place {
  readonly reader: AgentEventReader;
  /** Of the output. */
  since: number;
  /** Of the run, before the output was read: when it is one of an end, nothing of it is missing. */
  status: RunStatus;
  /** Those that were read and that nobody has got yet. */
  readonly events: AgentEvent[];
  /** Nothing follows them. */
  isLast: boolean;
}

/**
 * The events of coding agents' runs. They are made of the log each time and stored nowhere; what is kept is how far the
 * last answers came, so that to ask again and again does not read a long log from its beginning.
 */
export function agentEvents({ store, output, views }: { store: Store; output: JobOutput; views: Views }) {
  const places = new Map<number, Place>();

  /** @throws BgJobsError `invalid_state` when the job is no coding agent's */
  async function list(
    { job, run }: { job: JobRow; run: RunRow },
    { since, type, limit }: z.output<typeof agentEventsQuery>,
  ): Promise<AgentEventPage> {
    const place = take(run, since) ?? begin(job, run);
    const events: AgentEvent[] = [];
    let next = since;
    let more = false;
    for await (const event of read(job, run, place)) {
      const isWanted = event.number > since && (type === undefined || event.type === type);
      more = isWanted && events.length === limit;
      if (more) break;
      if (isWanted) events.push(event);
      next = Math.max(next, event.number);
    }
    if (more || !place.isLast) keep(run, place);
    return { events, next, more, droppedBytes: current(job, run).stdoutDropped, status: place.status };
  }

  /** The id of the session that the job's last run was in: what the agent has told, else what it was started with. */
  async function sessionId(job: JobRow): Promise<string | undefined> {
    const runs = store.runs.ofJob(job.row);
    const run = runs.at(-1);
    if (run) {
      for await (const event of read(job, run, begin(job, run))) if (event.sessionId !== null) return event.sessionId;
    }
    const { sessionId } = agentOf(job);
    const hasRun = runs.some(({ errorCode }) => errorCode === null);
    return hasRun || !beginsSession(job.spec) ? sessionId : undefined;
  }

  /** What is there from the place on. An event is behind it when the next one is asked for. */
  async function* read(job: JobRow, run: RunRow, place: Place): AsyncGenerator<AgentEvent> {
    do {
      for (let event = place.events[0]; event; event = place.events[0]) {
        yield event;
        place.events.shift();
      }
    } while (!place.isLast && (await readOn(job, run, place)));
  }

  /** @returns whether there may be more */
  async function readOn(job: JobRow, run: RunRow, place: Place): Promise<boolean> {
    const row = current(job, run);
    const { status } = row;
    place.status = status;
    const query = { run: run.number, since: place.since, stream: 'stdout', limit: pageBytes } as const;
    const { chunks, next, more } = await output.read(job, outputQuery.parse(query));
    for (const chunk of chunks) place.events.push(...place.reader.feed(chunk));
    place.since = next;
    if (!more && isEnded(status)) {
      place.events.push(...place.reader.end(views.run({ job, run: row })));
      place.isLast = true;
    }
    return more || place.events.length > 0;
  }

  const current = (job: JobRow, run: RunRow): RunRow => store.runs.byNumber(job.row, run.number) ?? run;

  /** Whoever has it goes on from there, so it is nobody else's meanwhile. */
  function take(run: RunRow, since: number): Place | undefined {
    const place = places.get(run.row);
    const first = place?.events[0]?.number ?? (place?.reader.number ?? 0) + 1;
    if (!place || first > since + 1) return undefined;
    places.delete(run.row);
    return place;
  }

  function keep(run: RunRow, place: Place): void {
    const oldest = places.size < maxPlaces ? undefined : places.keys().next().value;
    if (oldest !== undefined) places.delete(oldest);
    places.set(run.row, place);
  }

  return { list, sessionId };
}

/** @throws BgJobsError `invalid_state` */
function begin(job: JobRow, { status }: RunRow): Place {
  return { reader: new AgentEventReader(agentOf(job).name), since: 0, status, events: [], isLast: false };
}

/** @throws BgJobsError `invalid_state` */
export function agentOf(job: JobRow): CodingAgentOption {
  const { codingAgent } = job.spec;
  if (codingAgent) return codingAgent;
  throw new BgJobsError(
    'invalid_state',
    `Job ${job.id.slice(0, 8)} does not run a coding agent. Start one with codingAgent or \`bgjobs agent\`.`,
    { status: job.status },
  );
}
