import { InvalidArgumentError } from 'commander';
import type { StartRequest } from '../../api/options.ts';
import { usageError } from '../base/context.ts';
import { definedOnly } from '../base/definedOnly.ts';

type ReadyWhen = NonNullable<StartRequest['readyWhen']>;

/** `/pattern/`, `port:3000`, `port:HOST:3000`, `http://…`, `https://…` or `file:PATH`. */
export function parseReadyWhen(text: string): ReadyWhen {
  const [, pattern] = /^\/(.+)\/$/s.exec(text) ?? [];
  if (pattern !== undefined) return { pattern };
  if (/^https?:\/\//i.test(text)) return { url: text };
  const [, file] = /^file:(.+)$/s.exec(text) ?? [];
  if (file !== undefined) return { file };
  const [, host, port] = /^port:(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (port !== undefined) return { port: Number(port), ...definedOnly({ host }) };
  throw new InvalidArgumentError('Use /pattern/, port:3000, http://localhost:3000/ or file:PATH.');
}

export interface ReadyOptions {
  readyWhen?: ReadyWhen;
  readyTimeout?: number;
  ifNotReady?: 'keep' | 'stop';
}

export function readyWhenOf({ readyWhen, readyTimeout, ifNotReady }: ReadyOptions): ReadyWhen | undefined {
  if (!readyWhen && (readyTimeout !== undefined || ifNotReady !== undefined)) {
    throw usageError('--ready-timeout and --if-not-ready require --ready-when');
  }
  return readyWhen && { ...readyWhen, ...definedOnly({ timeoutMs: readyTimeout, ifNotReady }) };
}
