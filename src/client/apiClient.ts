import { type Endpoint, endpoints, type JobService, type Verb } from '../api/endpoints.ts';
import type { EventsQuery, JobEvent } from '../api/events.ts';
import type { Chunk, OutputQuery } from '../api/output.ts';
import { hostScript, packageVersion } from '../bundles.ts';
import { resolveHome, type HostRecord } from '../dataDir/dataDir.ts';
import { acrossHosts, followText } from './followLog.ts';
import { type Call, Connection } from './connection.ts';
import { findHost, type FindOptions } from './findHost.ts';
import { type EventNews, readChunks, readEvents } from './streams.ts';

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

export interface EventsOptions extends EventNews {
  /** Whether to start a host when there is none (as the client was set up). */
  readonly start?: boolean;
}

/** Everything but `start` has a default that is right for this process. */
export interface ConnectOptions extends Partial<Omit<FindOptions, 'start'>> {
  /** Start a host when there is none, and replace an older one. */
  readonly start: boolean;
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
  const env = options.env ?? process.env;
  const complete = {
    home: resolveHome(env),
    execPath: process.execPath,
    isElectron: process.versions['electron'] !== undefined,
    script: hostScript,
    env,
    version: packageVersion(),
    startTimeoutMs,
    ...options,
  };
  return clientOf(new Connection((agent, start = complete.start) => findHost({ ...complete, start }, agent)));
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

type PlainVerbs = Omit<JobService, 'startJob' | 'followOutput' | 'events'>;

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
    ...(body && { body: rest.shift() ?? {} }),
    ...(abortable && { signal: rest.shift() as AbortSignal | undefined }),
  };
}
