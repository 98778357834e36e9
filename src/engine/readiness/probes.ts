/**
 * The room of readiness: a probe for each kind of `readyWhen`, without any knowledge of runs. Imported by the hook
 * `readiness.ts` and by what checks a start; imports `output` and the process table.
 */
import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { urlToHttpOptions } from 'node:url';
import {
  addressesOf,
  contactOf,
  hostInUrl,
  isLocalHost,
  withoutBrackets,
  type Contact,
} from '../../processes/sockets.ts';
import { connectTo, httpUrl, type ServerUrl } from './connections.ts';
import type { PortClaim } from './portClaim.ts';

/** The evidence that a job is ready. Its text is shown to people: the line, the address or the file. */
export interface Found extends ServerUrl {
  text: string;
  /** The output does not tell where the server is. */
  isUnnamed?: boolean;
}

/** What a probe for a server needs besides. */
export interface ServerProbe extends ProbeSignals {
  claim: PortClaim;
  /** Called with what prevents the job from being ready, as often as it is looked. */
  onObstacle: (text: string) => void;
}

export interface ProbeSignals {
  /** Aborted when the run has ended or its time is up: a probe checks once more and returns. */
  last: AbortSignal;
  /** Aborted to end the probe, which returns undefined. */
  abort: AbortSignal;
}

/** Milliseconds between probes: short at first, because most servers start quickly, then longer. */
const delays = { first: 50, factor: 1.5, longest: 1000 };

/** Resolves after `ms`, or settles when the signal is aborted. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** Probes until something is found. A probe that fails has found nothing. */
export async function poll<T>(
  look: (abort: AbortSignal) => Promise<T | undefined>,
  { last, abort }: ProbeSignals,
  pause: Pause = (ms, signal) => sleep(ms, undefined, { signal }),
): Promise<T | undefined> {
  const wake = AbortSignal.any([last, abort]);
  for (let delay = delays.first; !abort.aborted; delay = Math.min(delay * delays.factor, delays.longest)) {
    // Read before the probe: what appears during this one is seen by the next.
    const isLast = last.aborted;
    const found = await look(abort).catch(() => undefined);
    if (found !== undefined || isLast) return found;
    await pause(delay, wake).catch(() => undefined);
  }
  return undefined;
}

/** By how much the clock of a file system may be behind that of the processes (milliseconds): the kernel's tick. */
const tickMs = 20;

/**
 * Waits until the run creates or changes the file. A file that was there before does not count, because an earlier run may
 * have left it. Where the file system has a clock of its own, a change between two probes counts.
 * @param of an absolute path, and the start of the run in milliseconds since the epoch
 */
export function fileProbe(
  of: { path: string; startedAt: number; onObstacle: (text: string) => void },
  signals: ProbeSignals,
  pause?: Pause,
): Promise<Found | undefined> {
  const { path, startedAt, onObstacle } = of;
  const found: Found = { text: `${path} exists`, url: null };
  let before: string | undefined;
  const look = async (): Promise<Found | undefined> => {
    const state = await stateOf(path);
    if (state && (state.changedAt >= startedAt - tickMs || (before !== undefined && before !== state.version))) {
      return found;
    }
    if (before === undefined && state) onObstacle(`${path} was there before, and has not changed since`);
    before ??= state?.version ?? '';
    return undefined;
  };
  return poll(look, signals, pause);
}

async function stateOf(path: string): Promise<{ changedAt: number; version: string } | undefined> {
  try {
    // Of its change, which nobody can set, where that of its content can be anything.
    const { dev, ino, size, ctimeMs } = await stat(path);
    return { changedAt: ctimeMs, version: [dev, ino, size, ctimeMs].join(' ') };
  } catch {
    return undefined;
  }
}

/** What is only not there yet is told after this time (milliseconds), so that a quick start leaves no trace of it. */
const patienceMs = 1000;

export function patiently({ onObstacle, last }: ServerProbe): (text: string) => void {
  const begun = performance.now();
  return (text) => {
    if (last.aborted || performance.now() - begun >= patienceMs) onObstacle(text);
  };
}

/** Waits until a listener of the job accepts connections. */
export function portProbe(
  { host, port }: { host: string; port: number },
  probe: ServerProbe,
): Promise<Found | undefined> {
  const explain = explaining(`${hostInUrl(host)}:${port}`, host, probe);
  return poll(async (abort) => {
    const { own, obstacle } = await probe.claim.judge(await connectTo(host, port, abort));
    if (own[0]) return { text: `${host}:${port} accepts connections`, ...(await httpUrl(own[0], host)) };
    return explain(obstacle);
  }, probe);
}

/** Tells why a server of the job does not answer, and where the job listens instead: its port may be taken. */
function explaining(address: string, host: string, probe: ServerProbe) {
  const missing = patiently(probe);
  return async (obstacle: string): Promise<undefined> => {
    const listeners = isLocalHost(host) ? await probe.claim.ownListeners() : [];
    const ports = [...new Set(listeners.map(({ port }) => port))].slice(0, 5).join(', ');
    const elsewhere = ports === '' ? '' : `; the job listens on port ${ports}`;
    if (obstacle === '') missing(`nothing listens at ${address}${elsewhere}`);
    else probe.onObstacle(`${obstacle}${elsewhere}`);
  };
}

/** How long one attempt may take (milliseconds): many servers build their first page on request. */
const firstPageMs = 5000;

/** Waits until a server of the job answers with 200 to 399. Redirects count as answers and are not followed. */
export function urlProbe(url: string, probe: ServerProbe, tryMs = firstPageMs): Promise<Found | undefined> {
  const target = new URL(url);
  const explain = explaining(target.origin, target.hostname, probe);
  return poll(async (abort) => {
    const tried = await Promise.all(
      addressesOf(target.hostname).map((address) => tryGet(target, address, tryMs, abort)),
    );
    const reached = tried.filter((one) => one !== undefined);
    const { own, obstacle } = await probe.claim.judge(reached.map(({ contact }) => contact));
    const ours = reached.filter(({ contact }) => own.includes(contact));
    const good = ours.find(({ isGood }) => isGood);
    if (good) return { text: `${url} ${good.says}`, url };
    if (!ours[0]) return explain(obstacle);
    if (!abort.aborted) probe.onObstacle(`${url} ${ours[0].says}`);
    return undefined;
  }, probe);
}

/** How a server that accepts connections has answered. */
interface Answer {
  contact: Contact;
  isGood: boolean;
  says: string;
}

/** On a separate connection without any proxy; the body is not read. @returns undefined if it accepts no connection */
async function tryGet(target: URL, address: string, tryMs: number, abort: AbortSignal): Promise<Answer | undefined> {
  // Loading TLS takes 3 MB of memory, so it is done only when needed.
  const { request } = target.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const name = withoutBrackets(target.hostname);
  const timeUp = AbortSignal.timeout(tryMs);
  return new Promise((resolve) => {
    let contact: Contact | undefined;
    const asked = request({
      ...urlToHttpOptions(target),
      host: address,
      hostname: address,
      // TLS takes names, not addresses.
      servername: isIP(name) === 0 ? name : '',
      headers: { host: target.host, accept: '*/*' },
      agent: false,
      // It only has to answer; servers under development use self-signed certificates.
      rejectUnauthorized: false,
      signal: AbortSignal.any([abort, timeUp]),
    });
    const end = (isGood: boolean, says: string): void => resolve(contact && { contact, isGood, says });
    asked.on('socket', (socket) => socket.once('connect', () => (contact = contactOf(socket))));
    asked.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      end(status >= 200 && status < 400, `answers ${status}`);
    });
    asked.on('error', () => {
      const silent = `accepts connections but has not answered within ${tryMs / 1000} s`;
      end(
        false,
        timeUp.aborted
          ? silent
          : `accepts connections but does not answer in ${target.protocol.slice(0, -1).toUpperCase()}`,
      );
    });
    asked.end();
  });
}
