// The progress that a program shows of itself in its output.
import type { Progress } from '../api/job.ts';
import { oneLine, shorten } from './grammar.ts';
import { LineRenderer } from './lineRenderer.ts';
import { shownRow } from './rows.ts';

/** How many lines may follow it: warnings of a compiler, say. */
const followed = 20;
const longestLine = 400;
const longestText = 200;

const percent = String.raw`(?<![\w.,=])(?<percent>\d{1,3}(?:[.,]\d+)?) ?%(?!\w)`;
const count = String.raw`(?<done>\d+)(?:/| of )(?<total>\d+)(?![\d./])`;
/** Blocks, lines and Braille; `[==>  ]` and the like, also empty; `|###  |`; `<===--->`. */
const bar = String.raw`(?:[\u2580-\u259f\u2501\u2578\u257a\u257e\u25a0\u25a1\u28c0-\u28ff]{2}|\[(?:[=#*-]{2,}>?|[=#*-]?>|[=#*](?= )|(?= {5}))[ .-]*\]|\|[#=>]+\d? *\||<[=-]{5,}>)`;
const unit = '[kMG]?i?B';
const work =
  '(?:step|epoch|(?:build|check|compil|compress|convert|copy|download|extract|fetch|index|install|link|load|process|' +
  'receiv|resolv|test|train|unpack|upload|writ)ing)';

/**
 * A percentage alone is none: it may be a coverage, a load, a share. So each pattern wants what programs write around
 * their progress. The first one that matches a line counts.
 */
const patterns = [
  // tqdm, wget, git; CMake, pytest.
  String.raw`${percent}(?:\||\[| \(\d+/\d+\))`,
  String.raw`\[ *${percent} *\]`,
  // A bar stands before it or behind it, that of curl -# without brackets.
  String.raw`${bar}.*${percent}`,
  String.raw`${percent}.*${bar}`,
  String.raw`^#+ +${percent}$`,
  // rsync, wget without a bar: the rate or the time that remains follows.
  String.raw`${percent}.*(?:\d ?${unit}/s|\bETA\b|\d[KMG] +[\d.]+[smhd]\b)`,
  String.raw`\bprogress\b.*${percent}`,
  String.raw`${percent} +(?:complete|completed|done)\b`,
  String.raw`^\W*${work}\b.*${percent}\W*$`,
  // curl: its table begins with the share of the whole, which is known when the time for it is.
  String.raw`^(?<percent>\d{1,3})(?: +\S+){7} +\d+:\d\d:\d\d(?: +[\d-]+:[\d-]+:[\d-]+){2} +\S+$`,
  // Ninja, Yarn; Cargo; Keras; pip, in bytes; mkfs.
  String.raw`^\[ *${count}\]`,
  String.raw`${bar} +${count}(?! ?${unit})`,
  String.raw`^${count} +${bar}`,
  String.raw`${bar} +(?<size>[\d.]+)(?:/| ?(?<unit>${unit})/(?=[\d.]+ ?\k<unit>))(?<whole>[\d.]+) ?${unit}\b`,
  String.raw`^\W*${work}\b[^\d/]*${count}`,
].map((source) => new RegExp(source, 'i'));

/**
 * The progress at the end of an output, as a terminal shows it. Of bars that are drawn together it is the first one that
 * is not full: that of the outer loop. One that is full counts as long as nothing follows it.
 */
export function shownProgress(end: string): Progress | undefined {
  const renderer = new LineRenderer();
  renderer.push(end);
  const lines = [...renderer.rows()]
    .map(([row]) => ({ text: shownRow(row).trim(), isRedrawn: row.isRedrawn }))
    .filter(({ text }) => text !== '')
    .slice(-followed - 1)
    .map(({ text, isRedrawn }) => ({ progress: read(text), isRedrawn }));
  const last = lines.findLastIndex(({ progress }) => progress);
  let first = last;
  while (lines[first - 1]?.isRedrawn && lines[first - 1]?.progress) first--;
  const bars = lines.slice(Math.max(0, first), last + 1).flatMap(({ progress }) => progress ?? []);
  const full = last === lines.length - 1 ? bars.at(-1) : undefined;
  return bars.find((one) => one.percent < 100) ?? full;
}

function read(line: string): Progress | undefined {
  if (line.length > longestLine) return undefined;
  for (const pattern of patterns) {
    const groups = pattern.exec(line)?.groups;
    if (!groups) continue;
    const { percent: share, size, whole } = groups;
    const [done, total] = [groups['done'], groups['total']].map((text) => (text === undefined ? null : Number(text)));
    const part =
      share === undefined ? (100 * Number(done ?? size)) / Number(total ?? whole) : Number(share.replace(',', '.'));
    if (!(part >= 0 && part <= 100)) return undefined;
    return {
      percent: Math.round(part * 10) / 10,
      done: done ?? null,
      total: total ?? null,
      text: shorten(oneLine(line), longestText),
    };
  }
  return undefined;
}
