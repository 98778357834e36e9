import { AgentEventReader } from '../codingAgents/eventReader.ts';
import type { AgentEvent, AgentEventPage, AgentEventsQuery, CodingAgentOption } from '../protocol/codingAgent.ts';
import { agentEventsQuery } from '../protocol/codingAgent.ts';
import { BgJobsError } from '../protocol/errors.ts';
import { outputQuery } from '../protocol/output.ts';
import { isEnded } from '../protocol/states.ts';
import { validate } from '../protocol/validate.ts';
import type { JobOutput } from './jobOutput.ts';
import type { JobRow } from './store/jobTable.ts';
import type { RunRow } from './store/runTable.ts';
import type { Store } from './store/store.ts';

/** Bytes that are read at once. */
const pageBytes = 262_144;
/** Readers that are kept for whoever asks again. */
const maxPlaces = 8;

/** Where somebody has read to. */
interface Place {
  readonly reader: AgentEventReader;
  /** Of the output. */
  since: number;
}

/**
 * The events of coding agents' runs. They are made of the log each time and stored nowhere; what is kept is how far the
 * last answers came, so that to ask again and again does not read a long log from its beginning.
 */
export class AgentEvents {
  readonly #store: Store;
  readonly #output: JobOutput;
  readonly #places = new Map<number, Place>();

  constructor({ store, output }: { store: Store; output: JobOutput }) {
    this.#store = store;
    this.#output = output;
  }

  /** @throws BgJobsError `invalid_state` when the job is no coding agent's */
  async list(job: JobRow, run: RunRow, query: AgentEventsQuery): Promise<AgentEventPage> {
    const { since, type, limit } = validate(agentEventsQuery, query);
    const events: AgentEvent[] = [];
    let next = since;
    const page = (more: boolean): AgentEventPage => {
      const { status, stdoutDropped } = this.#store.runs.byNumber(job.row, run.number) ?? run;
      return { events, next, more, droppedBytes: stdoutDropped, status };
    };
    for await (const event of this.#read(job, run, since)) {
      if (event.number <= since) continue;
      if (type === undefined || event.type === type) {
        if (events.length === limit) return page(true);
        events.push(event);
      }
      next = event.number;
    }
    return page(false);
  }

  /** The id of the session that the job's last run was in: what the agent has told, else what it was started with. */
  async sessionId(job: JobRow): Promise<string | undefined> {
    const run = job.run === null ? undefined : this.#store.runs.byNumber(job.row, job.run);
    if (run) {
      for await (const { sessionId } of this.#read(job, run, 0)) if (sessionId !== null) return sessionId;
    }
    return agentOf(job).sessionId;
  }

  /** All events, or those that the reader which was kept has not given yet. */
  async *#read(job: JobRow, run: RunRow, since: number): AsyncGenerator<AgentEvent> {
    const place = this.#take(run, since) ?? { reader: new AgentEventReader(agentOf(job).name), since: 0 };
    for (;;) {
      const { status, finishedAt } = this.#store.runs.byNumber(job.row, run.number) ?? run;
      const query = { run: run.number, since: place.since, stream: 'stdout', limit: pageBytes } as const;
      const { chunks, next, more } = await this.#output.read(job, outputQuery.parse(query));
      for (const chunk of chunks) yield* place.reader.feed(chunk);
      place.since = next;
      if (more) continue;
      if (isEnded(status)) yield* place.reader.end(new Date(finishedAt ?? run.startedAt).toISOString());
      else this.#keep(run, place);
      return;
    }
  }

  /** It goes on from where it is, so it is nobody else's meanwhile. */
  #take(run: RunRow, since: number): Place | undefined {
    const place = this.#places.get(run.row);
    if (!place || place.reader.number > since) return undefined;
    this.#places.delete(run.row);
    return place;
  }

  #keep(run: RunRow, place: Place): void {
    const oldest = this.#places.size < maxPlaces ? undefined : this.#places.keys().next().value;
    if (oldest !== undefined) this.#places.delete(oldest);
    this.#places.set(run.row, place);
  }
}

/** @throws BgJobsError `invalid_state` */
export function agentOf(job: JobRow): CodingAgentOption {
  const { codingAgent } = job.spec;
  if (codingAgent) return codingAgent;
  throw new BgJobsError(
    'invalid_state',
    `Job ${job.id.slice(0, 8)} runs no coding agent: such a job is started with codingAgent, by \`bgjobs agent\`.`,
    { status: job.status },
  );
}
