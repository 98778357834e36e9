import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../../scripts/editor/places.ts';
import { atMost, type Context, type Outcome, type Row } from '../bench.ts';

/** Times in milliseconds that the tests in a real editor have measured, if they have run. */
interface EditorTimes {
  activationMs?: number;
  /** 99th percentile of the delay of the editor's event loop while a job floods its open channel. */
  floodDelayP99Ms?: number;
}

const measured = join(top, 'out', 'editorTimes.json');

export function extension({ dist }: Context): Promise<Outcome> {
  const kilobytes = statSync(join(dist, 'extension.js')).size / 1000;
  const times = existsSync(measured) ? (JSON.parse(readFileSync(measured, 'utf8')) as EditorTimes) : {};
  const size: Row = {
    what: 'extension: size of the bundle',
    ours: `${kilobytes.toFixed(0)} kB`,
    reach: atMost(kilobytes, 300, ' kB'),
  };
  const row = (what: string, ms: number | undefined, limit: number): Row[] =>
    ms === undefined ? [] : [{ what, ours: `${ms.toFixed(1)} ms`, reach: atMost(ms, limit, ' ms') }];
  return Promise.resolve({
    rows: [
      size,
      ...row('extension: activation', times.activationMs, 50),
      ...row('extension: event loop delay (p99) while a job floods its open channel', times.floodDelayP99Ms, 10),
    ],
    notes: existsSync(measured) ? [] : ['Extension: run `npm test -- extension` first to include its times here.'],
  });
}
