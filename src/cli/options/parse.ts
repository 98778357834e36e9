import { InvalidArgumentError } from 'commander';
import { readDuration } from '../../text/typedTime.ts';

/** @see readDuration @returns milliseconds */
export function parseDuration(text: string): number {
  const duration = readDuration(text);
  if (duration !== undefined) return duration;
  throw new InvalidArgumentError('Write it as 30s, 5m, 1h30m, 500ms, 2d or as a number of seconds.');
}

const sizePowers = ['', 'K', 'M', 'G', 'T'];

/** `64K`, `256M`, `1.5G`, or a plain number of bytes; K is 1024. @returns bytes */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)(?:iB|B)?$/i.exec(text);
  if (!match) throw new InvalidArgumentError('Write it as 64K, 256M, 1G or as a number of bytes.');
  return Math.round(Number(match[1]) * 1024 ** sizePowers.indexOf((match[2] ?? '').toUpperCase()));
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('It must be a whole number without a sign.');
  }
  return count;
}

export function parseInteger(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number; it may have a sign.');
  return Number(text);
}

/** Of a repeated `--env`: NAME=VALUE adds, NAME- removes (null). */
export function collectEnvironment(
  text: string,
  before: Record<string, string | null> = {},
): Record<string, string | null> {
  const equals = text.indexOf('=');
  if (equals > 0) return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
  if (equals < 0 && text.length > 1 && text.endsWith('-')) return { ...before, [text.slice(0, -1)]: null };
  throw new InvalidArgumentError('Write NAME=VALUE to set a variable, NAME- to remove it.');
}

/** Of a repeated `--tag`. */
export function collectTag(text: string, before: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new InvalidArgumentError('Write KEY=VALUE.');
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}
