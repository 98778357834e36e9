import { setTimeout as sleep } from 'node:timers/promises';
import { BgJobsError } from '../../api/errors.ts';
import type { ReadyWhen } from '../../api/options.ts';
import { hostInUrl, isEphemeral, listeners, type Listener } from '../../processes/sockets.ts';
import type { GrowthListener, GrowthSource } from '../output/logLimit.ts';
import { excerpt, type LinePattern } from '../output/lineScanner.ts';
import { compileLinePattern, waitForPattern, type RunOutput } from '../output/readOutput.ts';
import { connectTo, httpUrl, type ServerUrl } from './connections.ts';
import { localAddresses, NamedAddresses, type LocalAddress } from './localAddresses.ts';
import type { PortClaim } from './portClaim.ts';
import { patiently, poll, type Found, type ServerProbe } from './probes.ts';

/** What a probe needs that reads the output. */
export interface OutputProbe extends ServerProbe {
  output: Omit<RunOutput, 'isEnded'>;
}

/** Maximum number of characters recorded of a line, which may be very long: those about what matched. */
const shownCharacters = 500;

/** How long to wait for the rest of a line (milliseconds): the pieces of a line follow each other closely. */
const restMs = 200;

/** Lines that match are remembered up to this number: any of them may turn out to be true. */
const mostLines = 100;

/** How long a program must live after its line (milliseconds): one that cannot start says so and exits. */
const settledMs = 400;

/** @throws BgJobsError `invalid_request` for an invalid pattern, or where this system does not show who listens */
export async function checkReadyWhen(readyWhen: ReadyWhen, proc?: string): Promise<void> {
  if ('pattern' in readyWhen) await compileLinePattern(readyWhen.pattern);
  if (!('listening' in readyWhen) || listeners(undefined, proc)) return;
  const text = 'readyWhen: listening is not available on this system, because it does not show which program listens';
  throw new BgJobsError('invalid_request', `${text}. Use port, url or pattern instead.`);
}

/**
 * Waits until a line of the output matches, from the beginning of the output. A prompt without a newline counts. If the
 * line names an address of this machine with its port, a listener of the job has to accept connections there as well:
 * programs name their address before they listen, and an address that they cannot have. The same then goes for each later
 * line that matches.
 */
export async function patternProbe(pattern: string, probe: OutputProbe): Promise<Found | undefined> {
  const { claim, last, abort } = probe;
  const output = until(last, probe.output);
  const named = new NamedAddresses();
  const compiled = await compileLinePattern(pattern);
  const isReady = (line: string): boolean => {
    named.note(line);
    return compiled.matches(/already/i.test(pattern) ? line : withoutTaken(line));
  };
  const first = await firstMatch(output, { matches: isReady }, abort);
  if (first === undefined) return undefined;
  const lines = new Map([[first, performance.now()]]);
  const missing = patiently(probe);

  const look = async (): Promise<Found | undefined> => {
    for (const [line, at] of lines) {
      const text = excerpt(line.trim(), compiled, shownCharacters);
      const addresses = localAddresses(line).filter(({ hasPort }) => hasPort);
      for (const { host, port, url } of addresses) {
        const { own, obstacle } = await claim.judge(await connectTo(host, port, abort));
        if (own.length > 0) return { text, url };
        missing(obstacle || `nothing listens at ${host}:${port}, which the output names`);
      }
      const isSettled = last.aborted || performance.now() - at >= settledMs;
      if (addresses.length === 0 && isSettled) return { text, ...(await urlOf(claim, named, abort)) };
    }
    return undefined;
  };

  const done = new AbortController();
  const later: LinePattern = {
    matches(line) {
      if (!isReady(line)) return false;
      // What was read before the line was finished.
      for (const begun of lines.keys()) if (line !== begun && line.startsWith(begun)) lines.delete(begun);
      if (!lines.has(line) && lines.size < mostLines) lines.set(line, performance.now());
      return false;
    },
  };
  const reading = waitForPattern(output, later, AbortSignal.any([abort, done.signal]));
  try {
    return await poll(look, probe);
  } finally {
    done.abort();
    await reading;
  }
}

/** An address that is already in use is the opposite of a server that is ready. */
function withoutTaken(line: string): string {
  return line.replace(/already in use/gi, 'in use');
}

/** @returns the whole line: half an address could be taken for a whole one */
async function firstMatch(output: RunOutput, pattern: LinePattern, abort: AbortSignal): Promise<string | undefined> {
  let match = await waitForPattern(output, pattern, abort);
  let text = match?.text;
  const rest = AbortSignal.any([abort, AbortSignal.timeout(restMs)]);
  while (match && !match.isWhole) {
    const begun = match.text;
    const matches = (line: string): boolean => line.length > begun.length && line.startsWith(begun);
    match = await waitForPattern(output, { matches }, rest);
    text = match?.text ?? text;
  }
  return text;
}

/** The address that the output names if the job has it, else that of its own port if that speaks HTTP. */
async function urlOf(claim: PortClaim, named: NamedAddresses, abort: AbortSignal): Promise<ServerUrl> {
  for (const { host, port, url } of named.all()) {
    const { own } = await claim.judge(await connectTo(host, port, abort));
    if (own.length > 0) return { url };
  }
  const found = await firstServer(claim, choose(await claim.ownListeners(), [], Infinity), abort);
  return { url: found?.url ?? null, ...(found?.later && { later: found.later }) };
}

/** How long the listeners of a job must have been the same (milliseconds): named in the output, on usual ports, on others. */
const stableMs = { named: 100, usual: 500, others: 3000 };

/** How often a job that listens is looked at (milliseconds). */
const closeLookMs = 200;

/** Waits until the job listens on a port that is not one of many that it opens for itself. */
export async function listeningProbe(probe: OutputProbe): Promise<Found | undefined> {
  const { claim, last, abort } = probe;
  const named = new NamedAddresses();
  const missing = patiently(probe);
  let seen = { key: '', since: 0 };

  const look = async (): Promise<Found | undefined> => {
    const own = await claim.ownListeners();
    const key = own.map(({ inode }) => inode).join();
    if (key !== seen.key) seen = { key, since: performance.now() };
    if (own.length === 0) missing('the job does not listen on a port');
    const candidates = choose(own, named.all(), last.aborted ? Infinity : performance.now() - seen.since);
    return firstServer(claim, candidates, abort);
  };

  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    sleep(seen.key === '' ? ms : Math.min(ms, closeLookMs), undefined, { signal });

  const done = new AbortController();
  const note: LinePattern = {
    matches(line) {
      named.note(line);
      return false;
    },
  };
  const reading = waitForPattern(until(last, probe.output), note, AbortSignal.any([abort, done.signal]));
  try {
    return await poll(look, probe, pause);
  } finally {
    done.abort();
    await reading;
  }
}

interface Candidate {
  host: string;
  port: number;
  /** As the output names it. */
  url?: string;
}

/** Ports on which the debuggers of Node and Python listen, before the program does. */
const debuggers = [9229, 5678];

/** The ports that may be the address of the job, after its listeners have been the same for so long. */
function choose(own: readonly Listener[], named: readonly LocalAddress[], unchangedMs: number): Candidate[] {
  const known = named.filter(({ port }) => own.some((one) => one.port === port));
  if (known.length > 0) return unchangedMs >= stableMs.named ? known : [];
  const isUsual = ({ port }: Listener): boolean => !isEphemeral(port) && !debuggers.includes(port);
  const usual = own.filter(isUsual);
  if (unchangedMs < (usual.length > 0 ? stableMs.usual : stableMs.others)) return [];
  const byPort = new Map((usual.length > 0 ? usual : own).toReversed().map((one) => [one.port, one]));
  return [...byPort.values()].toReversed().map(({ address, port }) => ({ host: hostOf(address), port }));
}

/** Where to reach a listener. */
function hostOf(address: string): string {
  const host = address.replace(/^::ffff:/, '');
  return ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host) ? 'localhost' : hostInUrl(host);
}

/** The first that accepts connections and is named or speaks HTTP, else the first that accepts connections. */
async function firstServer(
  claim: PortClaim,
  candidates: readonly Candidate[],
  abort: AbortSignal,
): Promise<Found | undefined> {
  let other: Found | undefined;
  for (const { host, port, url } of candidates) {
    const { own } = await claim.judge(await connectTo(host, port, abort));
    if (!own[0]) continue;
    const isUnnamed = url === undefined;
    const found = {
      text: `port ${port} accepts connections`,
      isUnnamed,
      ...(isUnnamed ? await httpUrl(own[0], host) : { url }),
    };
    if (found.url !== null || candidates.length === 1) return found;
    other ??= found;
  }
  return other;
}

/** The output as if it ended when the signal is aborted. */
function until(signal: AbortSignal, output: Omit<RunOutput, 'isEnded'>): RunOutput {
  const growth: GrowthSource = {
    onGrowth(run, listener: GrowthListener) {
      const stop = output.growth.onGrowth(run, listener);
      const end = (): void => listener(true);
      signal.addEventListener('abort', end);
      return () => {
        stop();
        signal.removeEventListener('abort', end);
      };
    },
  };
  return { ...output, growth, isEnded: () => signal.aborted };
}
