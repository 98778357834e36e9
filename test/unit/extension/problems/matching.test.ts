import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { BackgroundWork } from '../../../../src/extension/problems/backgroundWork.ts';
import { builtInMatchers, builtInPatterns } from '../../../../src/extension/problems/builtInMatchers.ts';
import { LineMatcher, type Problem } from '../../../../src/extension/problems/lineMatcher.ts';
import { backgroundOf, readMatcher, type KnownMatchers } from '../../../../src/extension/problems/matcherConfig.ts';

const known: KnownMatchers = {
  matchers: new Map<string, unknown>([
    ['tool', { owner: 'tool', fileLocation: 'absolute', pattern: '$line', severity: 'warning' }],
    [
      'tool-watch',
      { base: '$tool', background: { activeOnStart: true, beginsPattern: 'begin', endsPattern: { regexp: 'end' } } },
    ],
  ]),
  patterns: new Map<string, unknown>([['line', { regexp: '^(.*):(\\d+):(\\d+): (.*)$', message: 4 }]]),
};

describe('A problem matcher of tasks.json', () => {
  function problems(written: unknown, ...lines: string[]): Problem[] {
    const matcher = new LineMatcher(readMatcher({ pattern: written }, known).patterns);
    return lines.flatMap((line) => matcher.push(line) ?? []);
  }
  const at = (line: number, column: number, endLine = line, endColumn = column) => ({
    line,
    column,
    endLine,
    endColumn,
  });

  it('finds a problem in a line, with what it says', () => {
    const pattern = {
      regexp: '^(\\S+)\\((\\d+),(\\d+)\\): (\\w+) (\\w+): (.*)$',
      file: 1,
      line: 2,
      column: 3,
      severity: 4,
      code: 5,
      message: 6,
    };
    assert.deepEqual(problems(pattern, 'ok', 'src/a.ts(3,7): error TS1: is wrong ', 'done'), [
      { file: 'src/a.ts', message: 'is wrong', severity: 'error', code: 'TS1', place: at(3, 7) },
    ]);
  });

  it('takes the usual groups for what a pattern leaves out', () => {
    assert.deepEqual(problems({ regexp: '^(\\w+) (\\d+) (\\d+)$' }, 'file 2 5'), [
      { file: 'file', message: 'file 2 5', severity: undefined, code: undefined, place: at(2, 5) },
    ]);
  });

  it('finds places in their forms', () => {
    const place = (pattern: object, line: string) => problems({ file: 1, message: 1, ...pattern }, line)[0]?.place;
    const location = { regexp: '^(\\w+) \\[(.*)\\]$', location: 2 };
    assert.deepEqual(place(location, 'a [4]'), at(4, 1, 4, 2 ** 31 - 1));
    assert.deepEqual(place(location, 'a [4,2]'), at(4, 2));
    assert.deepEqual(place(location, 'a [4,2,5,9]'), at(4, 2, 5, 9));
    assert.deepEqual(place({ regexp: '^(\\w+)$', kind: 'file' }, 'a'), at(1, 1));
    assert.deepEqual(place({ regexp: '^(\\w+) (\\d+)$', line: 2 }, 'a 4'), at(4, 1, 4, 2 ** 31 - 1));
    assert.equal(place({ regexp: '^(\\w+)$', line: 2 }, 'a'), undefined);
  });

  it('reads problems of several lines, the last of which may repeat', () => {
    const stylish = [
      { regexp: '^(/.*)$', file: 1 },
      { regexp: '^ +(\\d+):(\\d+) (\\w+) (.*)$', line: 1, column: 2, severity: 3, message: 4, loop: true },
    ];
    const lines = [
      'x',
      '/a.js',
      ' 1:2 error first',
      ' 3:4 warning second',
      '',
      ' 9:9 error nowhere',
      '/b.js',
      ' 5:6 error third',
    ];
    assert.deepEqual(
      problems(stylish, ...lines).map(({ file, message, place }) => [file, message, place.line]),
      [
        ['/a.js', 'first', 1],
        ['/a.js', 'second', 3],
        ['/b.js', 'third', 5],
      ],
    );
  });

  it('puts a message together that several lines have', () => {
    const pattern = [
      { regexp: '^(\\w+):(\\d+)$', file: 1, line: 2 },
      { regexp: '^  (.*)$', message: 1 },
      { regexp: '^  (.*)$', message: 1 },
    ];
    assert.equal(problems(pattern, 'a:1', '  one', '  two')[0]?.message, 'one\ntwo');
  });

  it('begins with what it is based on', () => {
    const { owner, severity, location, patterns } = readMatcher({ base: '$tool', severity: 'info' }, known);
    assert.deepEqual([owner, severity, location, patterns.length], ['tool', 'info', 'absolute', 1]);
    assert.equal(
      readMatcher({ pattern: '$line', fileLocation: ['relative', '${fileDirname}'] }, known).folder,
      '${fileDirname}',
    );
    assert.throws(() => readMatcher({ base: '$none' }, known), { message: '$none is not known' });
    assert.throws(() => readMatcher({ owner: 'x' }, known), { message: 'it has no pattern' });
  });

  it('knows how the output tells that work begins and is done', () => {
    assert.equal(backgroundOf('$tool', known), undefined);
    assert.equal(backgroundOf('$elsewhere', known), undefined);
    const config = backgroundOf('$tool-watch', known) ?? assert.fail();
    const heard: string[] = [];
    const work = new BackgroundWork([config, { activeOnStart: false, beginsPattern: 'other', endsPattern: 'rest' }], {
      began: () => heard.push('began'),
      done: () => heard.push('done'),
    });
    for (const line of ['rest', 'other', 'end', 'rest', 'end', 'begin', 'end']) work.push(line);
    assert.deepEqual(heard, ['began', 'done', 'began', 'done']);
  });
});

describe('The problem matchers of the editor itself', () => {
  const known: KnownMatchers = {
    matchers: new Map(Object.entries(builtInMatchers)),
    patterns: new Map(Object.entries(builtInPatterns)),
  };

  function found(name: string, ...lines: string[]): string[] {
    const matcher = new LineMatcher(readMatcher({ base: `$${name}` }, known).patterns);
    return lines
      .flatMap((line) => matcher.push(line) ?? [])
      .map(({ file, message, severity, code, place }) =>
        [file, place.line, place.column, severity ?? '-', code ?? '-', message].join('|'),
      );
  }

  it('read what compilers write', () => {
    const project = ' [/w/a.csproj]';
    assert.deepEqual(found('msCompile', `  2>/w/A.cs(3,7): error CS1002: ; expected${project}`, 'Build FAILED.'), [
      `/w/A.cs|3|7|error|CS1002|; expected${project}`,
    ]);
    assert.deepEqual(found('gulp-tsc', 'src/a.ts(3,7): 2304 Cannot find name x.'), [
      'src/a.ts|3|7|-|2304|Cannot find name x.',
    ]);
    assert.deepEqual(found('go', 'main.go:3:7: undefined: x', 'vet.go:4: odd', 'ok  pkg 0.1s'), [
      'main.go|3|7|-|-|undefined: x',
      'vet.go|4|1|-|-|odd',
    ]);
    assert.deepEqual(found('lessCompile', '  Unrecognised input in file /w/a.less line no. 3'), [
      '/w/a.less|3|1|-|-|Unrecognised input',
    ]);
  });

  it('read what linters write', () => {
    assert.deepEqual(found('jshint', '/w/a.js: line 3, col 7, Missing semicolon. (W033)'), [
      '/w/a.js|3|7|W|033|Missing semicolon.',
    ]);
    assert.deepEqual(
      found('jshint-stylish', '/w/a.js', '  line 3  col 7  Missing semicolon. (W033)', '  line 4  col 1  Odd. (E001)'),
      ['/w/a.js|3|7|W|033|Missing semicolon.', '/w/a.js|4|1|E|001|Odd.'],
    );
    assert.deepEqual(found('eslint-compact', '/w/a.js: line 3, col 7, Error - No x. (no-x)'), [
      '/w/a.js|3|7|Error|no-x|No x.',
    ]);
    assert.deepEqual(
      found(
        'eslint-stylish',
        '',
        '/w/a.js',
        '  3:7   error    No x allowed  no-x',
        '  4:1   warning  Odd',
        '',
        '✖ 2 problems',
      ),
      ['/w/a.js|3|7|error|no-x|No x allowed', '/w/a.js|4|1|warning|-|Odd'],
    );
  });
});
