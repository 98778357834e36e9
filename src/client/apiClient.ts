import type { IncomingMessage } from 'node:http';
import { endpoints, type Endpoint, type JobService, type Verb } from '../api/endpoints.ts';
import type { StartResults } from '../api/control.ts';
import { BgJobsError } from '../api/errors.ts';
import type { EventsQuery, JobEvent } from '../api/events.ts';
import type { Chunk, OutputQuery } from '../api/output.ts';
import { hostScript, packageVersion } from '../bundles.ts';
import { homeFiles, resolveHome, type HostRecord } from '../dataDir/dataDir.ts';
import { LineSplitter } from '../text/textStream.ts';
import { Connection, type Call } from './connection.ts';
import type { FindOptions } from './findHost.ts';
import { recordedHost } from './hostRecord.ts';
import { acrossHosts, followText } from './followLog.ts';

/** The job service of whichever host serves the data directory, and what only a client can do. */
export interface ApiClient extends JobService {
  /** Finds the host, or starts one, as the client was set up. Other methods do that by themselves. */
  open(): Promise<HostRecord>;
  /** Settles when the host has answered, which is before it has left. */
  stopHost(): Promise<void>;
  /** From one host: fails when that goes away. eventStream.ts goes on with the next one. */
  events(query: EventsQuery, signal: AbortSignal, options?: EventsOptions): AsyncGenerator<JobEvent>;
  /** Requests under way, and all later ones, fail with `host_unreachable`. */
  dispose(): void;
}

interface EventsOptions extends EventNews {
  /** Whether to start a host when there is none (as the client was set up). */
  readonly start?: boolean;
}

/** Everything but `start` has a default that is right for this process. */
export interface ConnectOptions extends Partial<Omit<FindOptions, 'start'>> {
  /** Start a host when there is none, and replace an older one. */
  readonly start: boolean;
  /** Finds out the environment, and with it the data directory, when the client connects. */
  readonly findEnv?: () => Promise<NodeJS.ProcessEnv>;
  /**
   * Send the first request to the host of host.json without asking first whether it lives: most commands are a single
   * request. If that host has gone or hangs, everything is as without.
   */
  readonly trustRecord?: boolean;
}

/** A busy machine on which many hosts are started at once needs long. */
const startTimeoutMs = 30_000;

/** A client that is connected. @throws BgJobsError `host_unreachable` with the reason and what to do */
export async function connect(options: ConnectOptions): Promise<ApiClient> {
  const client = createClient(options);
  try {
    await client.open();
    return client;
  } catch (error) {
    client.dispose();
    throw error;
  }
}

/** A client that connects with its first call. */
export function createClient(options: ConnectOptions): ApiClient {
  const { findEnv = () => Promise.resolve(options.env ?? process.env), trustRecord = false, ...given } = options;
  const find: ConstructorParameters<typeof Connection>[0] = async (agent, start = given.start) => {
    const env = await findEnv();
    const defaults = {
      home: resolveHome(env),
      execPath: process.execPath,
      isElectron: process.versions['electron'] !== undefined,
      script: hostScript,
      version: packageVersion(),
      startTimeoutMs,
    };
    const { findHost } = await import('./findHost.ts');
    return findHost({ ...defaults, ...given, env, start }, agent);
  };
  const recorded = (): HostRecord | undefined => {
    const home = options.home ?? resolveHome(options.env ?? process.env);
    return recordedHost(homeFiles(home).record, options.version ?? packageVersion());
  };
  return clientOf(trustRecord ? new Connection(find, recorded) : new Connection(find));
}

export function clientOf(connection: Connection): ApiClient {
  /** An answer that is read while it comes. Whoever aborts it does not want to hear of its end. */
  async function* stream<T>(
    verb: Verb,
    call: Call & { readonly signal: AbortSignal },
    read: (answer: Awaited<ReturnType<Connection['stream']>>) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    try {
      yield* read(await connection.stream(verb, call));
    } catch (error) {
      if (!call.signal.aborted) throw connection.toError(error);
    }
  }
  const follow = acrossHosts((id: string, query: OutputQuery, signal: AbortSignal): AsyncGenerator<Chunk> => {
    return stream('getOutput', { id, query: { ...query, format: 'json', follow: 'true' }, signal }, readChunks);
  });
  const client: ApiClient = {
    ...plainVerbs(connection),
    async startJob(request) {
      const { status, value } = await connection.json('startJob', { body: request });
      return { job: value, created: status === 201 };
    },
    async startJobs(requests) {
      const { value } = await connection.json('startJob', { body: requests });
      return value as unknown as StartResults;
    },
    /** With text unless that is switched off: it is read from the log files then, where that is possible. */
    followOutput(id, query, signal) {
      const withText = query.text === undefined || query.text === 'true';
      return withText ? followText(client, follow, id, query, signal) : follow(id, query, signal);
    },
    events(query, signal, { start, ...news } = {}) {
      const call = { query: { ...query, format: 'stream' }, signal, start };
      return stream('getEvents', call, (answer) => readEvents(answer, news));
    },
    async stopHost() {
      await connection.json('stopHost', { start: false });
    },
    open: () => connection.open(),
    dispose: () => connection.dispose(),
  };
  return client;
}

type PlainVerbs = Omit<JobService, 'startJob' | 'startJobs' | 'followOutput' | 'events'>;

/** What is one request and its JSON answer. */
function plainVerbs(connection: Connection): PlainVerbs {
  const verbs = Object.entries(endpoints).map(([verb, endpoint]) => {
    const method = async (...args: unknown[]): Promise<unknown> => {
      return (await connection.json(verb as Verb, callOf(endpoint, args))).value;
    };
    return [verb, method] as const;
  });
  return Object.fromEntries(verbs) as unknown as PlainVerbs;
}

/** The arguments are in the order of the table: see JobService. */
function callOf({ path, query, json, body, abortable }: Endpoint, args: readonly unknown[]): Call {
  const rest = [...args];
  return {
    ...(path.includes('{') && { id: rest.shift() as string }),
    ...(query && { query: { ...(rest.shift() as object | undefined), ...json } }),
    ...(body && { body: bodyOf(rest.shift()) }),
    ...(abortable && { signal: rest.shift() as AbortSignal | undefined }),
  };
}

/** What is left out counts as empty. `null` does not: it is a mistake, and the host says so. */
function bodyOf(argument: unknown = {}): unknown {
  return argument;
}

/** One chunk a line; a line with an error is the last one. */
async function* readChunks(answer: IncomingMessage): AsyncGenerator<Chunk> {
  for await (const line of readLines(answer)) {
    const value = JSON.parse(line) as Chunk | { error: unknown };
    if ('error' in value) throw failureOf(value);
    yield value;
  }
}

/** What the host reports besides changes of jobs. */
interface EventNews {
  /** Called when everything that happens from now on will come, with the number after which that is. */
  readonly onConnected?: ((since: number | undefined) => void) | undefined;
  /** Called when settings of the host have changed: pauses, limits and others. */
  readonly onSettings?: (() => void) | undefined;
}

/** Server-sent events (WHATWG HTML §9.2) as the host writes them: each with one line of data. */
async function* readEvents(answer: IncomingMessage, { onConnected, onSettings }: EventNews): AsyncGenerator<JobEvent> {
  let fields: Readonly<Record<string, string>> = {};
  for await (const line of readLines(answer)) {
    if (line !== '') {
      const colon = line.indexOf(':');
      fields = { ...fields, [line.slice(0, colon)]: line.slice(colon + 1).trimStart() };
      continue;
    }
    // Hosts up to version 0.2.0 name the first two in a comment alone.
    const { id, data, event, '': comment } = fields;
    fields = {};
    const type = event ?? comment;
    if (type === 'connected') onConnected?.(id === undefined ? undefined : Number(id));
    else if (type === 'settings') onSettings?.();
    else if (type === 'error') throw failureOf(JSON.parse(data ?? 'null'));
    else if (data !== undefined) yield JSON.parse(data) as JobEvent;
  }
}

function failureOf(body: unknown): BgJobsError {
  return BgJobsError.fromBody(body) ?? new BgJobsError('internal', `The job host failed: ${JSON.stringify(body)}`);
}

/** The lines of a body, wherever its pieces are cut. */
async function* readLines(answer: IncomingMessage): AsyncGenerator<string> {
  answer.setEncoding('utf8');
  const lines = new LineSplitter();
  for await (const piece of answer as AsyncIterable<string>) yield* lines.push(piece);
}
