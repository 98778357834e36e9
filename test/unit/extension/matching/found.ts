import { ProblemFinder } from '../../../../src/extension/matching/lineMatcher.ts';
import { readMatcher, type KnownMatchers } from '../../../../src/extension/matching/matcherConfig.ts';

const known: KnownMatchers = {
  matchers: new Map<string, unknown>([
    ['tool', { owner: 'tool', fileLocation: 'absolute', pattern: '$line', severity: 'warning' }],
    [
      'tool-watch',
      { base: '$tool', background: { activeOnStart: true, beginsPattern: 'begin', endsPattern: { regexp: 'end' } } },
    ],
  ]),
  patterns: new Map<string, unknown>([
    ['line', { name: 'line', regexp: '^(.*):(\\d+):(\\d+): (.*)$', message: 4 }],
    ['nvcc-location', { regexp: '^(.*)\\((\\d+)\\):\\s+(error): (.*)', file: 1, location: 2, severity: 3, message: 4 }],
  ]),
};

export const read = (written: unknown) => readMatcher(written, known, 'own');

/** Problems as `owner file line:column-line:column severity code source message`, without what is the default. */
export function found(matchers: unknown[], ...lines: string[]): string[] {
  const finder = new ProblemFinder(matchers.map(read));
  return lines.flatMap((line) => {
    const { problem, matcher } = finder.find(line) ?? {};
    if (!problem || !matcher) return [];
    const { file, message, severity, code, source, range } = problem;
    const { startLine, startColumn, endLine, endColumn } = range;
    const isPoint = startLine === endLine && startColumn === endColumn;
    const end = endColumn === 2 ** 31 - 1 ? '-end' : isPoint ? '' : `-${endLine}:${endColumn}`;
    const owner = matcher.owner === 'own' ? [] : [matcher.owner];
    const said = [severity === 'error' ? [] : [severity], code ?? [], source ?? []].flat();
    return [[...owner, file, `${startLine}:${startColumn}${end}`, ...said, message].join(' ')];
  });
}

/** What a matcher with this pattern alone finds. */
export const by = (pattern: unknown, ...lines: string[]): string[] => found([{ pattern }], ...lines);
