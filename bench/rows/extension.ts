import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../../scripts/editor/places.ts';
import { atMost, type Context, type Outcome, type Row } from '../bench.ts';
import { median, pairedRatio, percentile, spread } from '../statistics.ts';

/** Times in milliseconds that the tests in a real editor have measured. */
interface EditorTimes {
  readonly activationMs: number;
  /** Of the extension that finds VS Code's own tasks of npm. */
  readonly npmActivationMs: number;
  /** 99th percentiles of the delay of the editor's event loop while a job floods its open channel, one for each round. */
  readonly floodDelayP99Ms: readonly number[];
  /** The same while its channel is closed. */
  readonly closedDelayP99Ms: readonly number[];
}

/** What was measured in a window by its own clock: milliseconds, one value for each start or frame. */
interface WindowTimes {
  /** From Enter in Start Job to the row. */
  readonly rowMs?: readonly number[];
  /** From Enter in VS Code's Run Task to the terminal. */
  readonly terminalMs?: readonly number[];
  /** Of a tree of 10,000 jobs. */
  readonly scrollFrames?: readonly number[];
  readonly restFrames?: readonly number[];
}

/** What is loaded when a window with jobs opens: the extension, and the marks of a file with scripts. */
const atStart = ['extension.js', 'notices.js', 'lenses.js'];
const ofPages = ['jobPage.js', 'jobPage.css'];

export function extension({ dist }: Context): Promise<Outcome> {
  const size = (what: string, names: readonly string[], limit: number): Row => {
    const kilobytes = names.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0) / 1000;
    return { what, ours: `${kilobytes.toFixed(0)} kB`, reach: atMost(kilobytes, limit, ' kB') };
  };
  const sizes = [
    size('extension: size of all that a start loads', atStart, 250),
    size('extension: size of the page of a job', ofPages, 200),
  ];
  const [ofHost, ofWindow] = [read<EditorTimes>('editorTimes.json'), read<WindowTimes>('windowTimes.json')];
  const missing = [
    ...(ofHost ? [] : ['`npm test -- extension`']),
    ...(ofWindow ? [] : ['`npx mocha test/e2e/measurements.test.ts`']),
  ];
  return Promise.resolve({
    rows: [...sizes, ...(ofHost ? timeRows(ofHost) : []), ...(ofWindow ? windowRows(ofWindow) : [])],
    notes: [
      ...(missing.length > 0 ? [`Extension: run ${missing.join(' and ')} first to include its times here.`] : []),
      ...(ofHost ? [aboutHost] : []),
      ...(ofWindow ? [aboutWindow] : []),
    ],
  });
}

const aboutHost =
  "Extension: the peer of the activation is that of VS Code's own extension for tasks of npm, in the same window. The " +
  'flood is 1 GiB; its peer is the same job with its channel closed.';
const aboutWindow =
  "Extension: a start is measured from the key Enter to the drawn row; its peer is VS Code's own Run Task, from Enter to " +
  'the line in its terminal, in turn in the same window. The tree has 10,000 waiting jobs, of which 1,020 are loaded; its ' +
  'peer is the same window at rest.';

/** @returns undefined if it was not measured in this checkout */
function read<Times>(name: string): Times | undefined {
  const path = join(top, 'out', name);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Times) : undefined;
}

function windowRows({ rowMs, terminalMs, scrollFrames, restFrames }: WindowTimes): Row[] {
  const rows: Row[] = [];
  if (rowMs && terminalMs) {
    rows.push({
      what: 'extension: Enter in Start Job to the row (median)',
      ours: spread(rowMs, ' ms', 0),
      peer: spread(terminalMs, ' ms', 0),
      ratio: median(rowMs) / median(terminalMs),
      reach: atMost(median(rowMs), 300, ' ms'),
    });
  }
  if (scrollFrames && restFrames) {
    const [scroll, rest] = [percentile(scrollFrames, 95), percentile(restFrames, 95)];
    rows.push({
      what: 'extension: a frame of a tree of 10,000 jobs while it scrolls (p95)',
      ours: `${scroll.toFixed(0)} ms`,
      peer: `${rest.toFixed(0)} ms`,
      ratio: scroll / rest,
      reach: atMost(scroll, 34, ' ms'),
    });
  }
  return rows;
}

function timeRows({ activationMs, npmActivationMs, floodDelayP99Ms, closedDelayP99Ms }: EditorTimes): Row[] {
  return [
    {
      what: 'extension: activation',
      ours: `${activationMs.toFixed(1)} ms`,
      peer: `${npmActivationMs.toFixed(1)} ms`,
      ratio: activationMs / npmActivationMs,
      reach: atMost(activationMs, 40, ' ms'),
    },
    {
      what: 'extension: event loop delay (p99) while a job floods its open channel',
      ours: spread(floodDelayP99Ms, ' ms', 1),
      peer: spread(closedDelayP99Ms, ' ms', 1),
      ratio: pairedRatio(floodDelayP99Ms, closedDelayP99Ms),
      reach: atMost(median(floodDelayP99Ms), 10, ' ms'),
    },
  ];
}
