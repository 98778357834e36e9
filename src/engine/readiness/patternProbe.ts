import type { ReadyWhen } from '../../api/options.ts';
import { compileLinePattern, type LinePattern } from '../output/lines.ts';
import { waitForPattern, type LineMatch, type RunOutput } from '../output/readOutput.ts';
import type { GrowthListener, GrowthSource } from '../output/runLogs.ts';
import type { Found, ProbeSignals } from './probe.ts';

/** Maximum number of characters recorded of a line, which may be 64 KiB long. */
const shownCharacters = 500;

/** How long to wait for the rest of a line (milliseconds): the pieces of a line follow each other closely. */
const restMs = 200;

export type PatternSource = Omit<RunOutput, 'isEnded'>;

/** @throws BgJobsError `invalid_request` for an invalid pattern */
export async function checkReadyWhen(readyWhen: ReadyWhen | undefined): Promise<void> {
  if (readyWhen && 'pattern' in readyWhen) await compileLinePattern(readyWhen.pattern);
}

/** Waits until a line of the output matches, from the beginning of the output. A prompt without a newline counts. */
export async function patternProbe(
  pattern: string,
  source: PatternSource,
  { last, abort }: ProbeSignals,
): Promise<Found | undefined> {
  const output = { ...source, growth: endingWith(source.growth, last), isEnded: () => last.aborted };
  const wait = (wanted: LinePattern, signal: AbortSignal): Promise<LineMatch | undefined> =>
    waitForPattern(output, wanted, signal);
  let match = await wait(await compileLinePattern(pattern), abort);
  if (!match) return undefined;
  let { text } = match;
  const rest = AbortSignal.any([abort, AbortSignal.timeout(restMs)]);
  // Otherwise half an address could be taken for a whole one.
  while (match && !match.isWhole) {
    const matches = (line: string): boolean => line.length > text.length && line.startsWith(text);
    match = await wait({ matches }, rest);
    text = match?.text ?? text;
  }
  return { text: text.trim().slice(0, shownCharacters), url: findUrl(text) };
}

/** Grows as the source does, until the signal is aborted. */
function endingWith(growth: GrowthSource, signal: AbortSignal): GrowthSource {
  return {
    onGrowth(run, listener: GrowthListener) {
      const stop = growth.onGrowth(run, listener);
      const end = (): void => listener(true);
      signal.addEventListener('abort', end);
      return () => {
        stop();
        signal.removeEventListener('abort', end);
      };
    },
  };
}

/** The first web address in a line, in a form that a browser can open; null if there is none. */
export function findUrl(line: string): string | null {
  const [found] = /https?:\/\/[^\s"'`<>|]+/i.exec(line) ?? [];
  const url = found === undefined ? null : URL.parse(withoutSentence(found));
  if (!url) return null;
  // These are addresses to listen on, not to connect to.
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = 'localhost';
  return url.href;
}

/** Removes what belongs to the surrounding sentence: a full stop, a bracket that was not opened within. */
function withoutSentence(text: string): string {
  const cut = text.replace(/[.,;:!?*]+$/, '');
  const isClosing = /[)\]}]$/.test(cut) && !hasPartner(cut);
  return isClosing ? withoutSentence(cut.slice(0, -1)) : cut;
}

function hasPartner(text: string): boolean {
  const close = text.at(-1) ?? '';
  const open = { ')': '(', ']': '[', '}': '{' }[close] ?? '';
  return text.split(open).length >= text.split(close).length;
}
