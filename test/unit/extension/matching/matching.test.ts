import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { by, found, read } from './found.ts';

describe('A problem matcher of tasks.json', () => {
  const gcc = {
    regexp: '^(\\S+?):(\\d+):(\\d+): (?:(\\w[\\w ]*): )?(.*)$',
    file: 1,
    line: 2,
    column: 3,
    severity: 4,
    message: 5,
  };

  it('finds a problem in a line, with what it says', () => {
    const tsc = { regexp: '^(\\S+)\\((\\d+),(\\d+)\\): (\\w+) (\\w+): (.*)$' };
    const all = { ...tsc, file: 1, line: 2, column: 3, severity: 4, code: 5, message: 6 };
    assert.deepEqual(found([{ source: 'ts', pattern: all }], 'ok', 'a.ts(3,7): warning TS1: is wrong ', 'done'), [
      'a.ts 3:7 warning TS1 ts is wrong',
    ]);
  });

  it('uses the default groups for what a pattern of one line leaves out', () => {
    for (const [pattern, line, problem] of [
      [{ regexp: '^(\\w+) (\\d+) (\\d+)$' }, 'file 2 5', 'file 2:5 file 2 5'],
      [{ regexp: '^(\\w+) (\\d+) (\\w+)$' }, 'file 2 word', 'file 2:1 file 2 word'],
      [{ regexp: '^(\\w+) \\[(.*)\\]$', location: 2 }, 'file [4]', 'file 4:1-end file [4]'],
      [{ regexp: '^(\\w+) (\\d+)$', kind: 'File' }, 'file 2', 'file 1:1 file 2'],
      [{ regexp: '^(\\w+) (\\d+) (\\d+)$', kind: 'odd', line: '3' }, 'file 2 5', 'file 2:5 file 2 5'],
    ] as const) {
      assert.deepEqual(by(pattern, line), [problem]);
    }
    assert.throws(() => read({ pattern: [{ regexp: '^(\\w+) (\\d+)$', file: 1 }] }), {
      message: 'its pattern needs "file" and "message"',
    });
    assert.throws(() => read({ pattern: [{ regexp: '.', file: 1, message: 0 }] }), {
      message: 'its pattern needs "line", "location" or "kind": "file"',
    });
  });

  it('reads places in all their forms', () => {
    const location = { regexp: '^\\[(.*)\\]$', file: 0, location: 1 };
    const parts = { regexp: '^(\\w*)/(\\w*)/(\\w*)/(\\w*)$', file: 0, line: 1, column: 2, endLine: 3, endColumn: 4 };
    for (const [line, place] of [
      ['[4]', '4:1-end'],
      ['[4,2]', '4:2'],
      ['[4,2,5]', '4:2'],
      ['[4,2,5,9]', '4:2-5:9'],
      ['[4,2,3,9]', '4:2-4:9'],
      ['[5:3]', '5:1-end'],
      ['[5,0]', '5:1'],
      ['[0,0]', '1:1'],
      ['[0]', '1:1-end'],
    ] as const) {
      assert.deepEqual(by(location, line), [`${line} ${place} ${line}`]);
    }
    assert.deepEqual(by(location, '[none]'), []);
    for (const [line, place] of [
      ['4/2/5/9', '4:2-5:9'],
      ['4/2//9', '4:2-4:9'],
      ['4/2/5/', '4:2'],
      ['4//5/9', '4:1-end'],
      ['4/2/x/x', '4:2'],
      ['x/2//', '1:2'],
      ['0/0//', '1:1'],
    ] as const) {
      assert.deepEqual(by(parts, line), [`${line} ${place} ${line}`]);
    }
  });

  it('takes a problem without a line for one of the whole file, and line or column 0 for the first', () => {
    const pattern = { regexp: '^(\\S+?)(?::(\\d+):(\\d+))?: (.*)$', file: 1, line: 2, column: 3, message: 4 };
    assert.deepEqual(by(pattern, 'a.js:0:0: Parsing error', 'a.c: whole file is odd', 'a.py:3:0: C0114'), [
      'a.js 1:1 Parsing error',
      'a.c 1:1 whole file is odd',
      'a.py 3:1 C0114',
    ]);
  });

  it('knows severities as the editor does', () => {
    const severity = (word: string): string | undefined =>
      found([{ pattern: gcc, severity: 'info' }], `f:1:1: ${word}: it`)[0]
        ?.split(' ')
        .slice(2, -1)
        .join(' ');
    for (const word of ['error', 'ERROR', 'E']) assert.equal(severity(word), '', word);
    for (const word of ['warning', 'Warn', 'W']) assert.equal(severity(word), 'warning', word);
    // Also what is the default of this matcher.
    for (const word of ['info', 'I', 'Hint', 'note', 'w', 'i', 'e', 'err', 'information', 'fatal error']) {
      assert.equal(severity(word), 'information', word);
    }
    for (const [written, own] of [
      ['warning', 'warning'],
      ['WARN', 'warning'],
      ['hint', 'error'],
      ['odd', 'error'],
    ]) {
      assert.equal(read({ pattern: gcc, severity: written }).severity, own);
    }
  });

  it('reads problems of several lines, the last of which may repeat', () => {
    const stylish = [
      { regexp: '^(/.*)$', file: 1 },
      { regexp: '^ +(\\d+):(\\d+) (\\w+) (.*)$', line: 1, column: 2, severity: 3, message: 4, loop: true },
    ];
    const lines = ['x', '/a.js', ' 1:2 error first', ' 3:4 warning second', '', ' 9:9 error nowhere'];
    // The line that ends the repetition is the first of another problem.
    assert.deepEqual(by(stylish, ...lines, '/b.js', ' 5:6 error third', '/c.js', ' 7:8 error fourth'), [
      '/a.js 1:2 first',
      '/a.js 3:4 warning second',
      '/b.js 5:6 third',
      '/c.js 7:8 fourth',
    ]);
    const [first, second] = stylish;
    assert.deepEqual(
      by(
        [
          { ...first, loop: true },
          { ...second, loop: false },
        ],
        ...lines,
      ),
      ['/a.js 1:2 first'],
    );
  });

  it('joins a message from several lines', () => {
    const pattern = [
      { regexp: '^(\\w+):(\\d+)$', file: 1, line: 2 },
      { regexp: '^  (.*)$', message: 1 },
      { regexp: '^  (.*)$', message: 1 },
    ];
    assert.deepEqual(by(pattern, 'a:1', '  one', '  two'), ['a 1:1-end one\ntwo']);
  });

  it('shares its lines with the others: the longest pattern that fits takes them, then the first', () => {
    const one = { owner: 'one', pattern: { regexp: '^(\\w+):(\\d+): (.*)$', message: 3, column: 9 } };
    const same = { ...one, owner: 'same' };
    const pair = {
      owner: 'pair',
      pattern: [
        { regexp: '^in (\\w+):$', file: 1 },
        { regexp: '^(?:\\w+:)?(\\d+): (.*)$', line: 1, message: 2 },
      ],
    };
    assert.deepEqual(found([one, same], 'a:1: x'), ['one a 1:1-end x']);
    assert.deepEqual(found([same, one], 'a:1: x'), ['same a 1:1-end x']);
    assert.deepEqual(found([one, pair], 'in b:', 'a:1: x', 'a:2: y'), ['pair b 1:1-end x', 'one a 2:1-end y']);
    // A line that is a problem by itself is never the first of two.
    const greedy = { owner: 'greedy', pattern: { regexp: '^in (\\w+):$', kind: 'file' } };
    assert.deepEqual(found([pair, greedy], 'in b:', '1: x'), ['greedy b 1:1 in b:']);
  });

  it('inherits from its base', () => {
    const { owner, severity, location, patterns } = read({ base: '$tool', severity: 'info' });
    assert.deepEqual([owner, severity, location, patterns.length], ['tool', 'information', { type: 'absolute' }, 1]);
    assert.equal(read({ base: '$tool', owner: 'other' }).owner, 'other');
    assert.deepEqual(found([{ base: '$tool' }], '/a:1:2: x'), ['tool /a 1:2 warning x']);
    assert.throws(() => read({ base: '$none' }), { message: '$none is not known' });
    assert.throws(() => read({ owner: 'x' }), { message: 'it has no pattern' });
    assert.throws(() => read({ pattern: { regexp: '(' } }), { message: '"(" is not a regular expression' });
  });

  it('says where files are, in whatever case', () => {
    const location = (fileLocation: unknown) => read({ pattern: '$line', fileLocation }).location;
    const folder = '${workspaceFolder}';
    assert.deepEqual(location(undefined), { type: 'relative', folder });
    assert.deepEqual(location('autodetect'), { type: 'autodetect', folder });
    assert.deepEqual(location(['Relative', '${fileDirname}']), { type: 'relative', folder: '${fileDirname}' });
    assert.deepEqual(location('search'), { type: 'search', include: [folder], exclude: [] });
    assert.deepEqual(location(['search', { include: 'a', exclude: ['b', 'c'] }]), {
      type: 'search',
      include: ['a'],
      exclude: ['b', 'c'],
    });
    assert.throws(() => location('anywhere'), { message: 'its fileLocation is "anywhere"' });
  });

  it('says for which files it is, and is for all of them when that is not understood', () => {
    for (const [applyTo, understood] of [
      ['AllDocuments', 'alldocuments'],
      ['openDocuments', 'opendocuments'],
      ['closeddocuments', 'closeddocuments'],
      ['someDocuments', 'alldocuments'],
    ]) {
      assert.equal(read({ pattern: '$line', applyTo }).applyTo, understood);
    }
  });

  it('knows how lines show that work begins and is done', () => {
    const marks = (written: object) => {
      const { begins, ends, ...rest } = read({ pattern: '$line', ...written }).background ?? {};
      return { ...rest, marks: [begins?.source, ends?.source] };
    };
    const inherited = { activeOnStart: true, file: undefined, marks: ['begin', 'end'] };
    assert.deepEqual(marks({ base: '$tool-watch' }), inherited);
    // The editor keeps those of the base unless there are both.
    assert.deepEqual(marks({ base: '$tool-watch', background: { activeOnStart: false } }), inherited);
    assert.deepEqual(marks({ base: '$tool-watch', background: { endsPattern: 'x' } }), inherited);
    const both = { beginsPattern: { regexp: 'b', file: 2 }, endsPattern: 'e' };
    for (const name of ['background', 'watching']) {
      assert.deepEqual(marks({ base: '$tool-watch', [name]: both }), {
        activeOnStart: false,
        file: 2,
        marks: ['b', 'e'],
      });
    }
    assert.deepEqual(marks({ watchedTaskBeginsRegExp: 'b', watchedTaskEndsRegExp: 'e' }), {
      activeOnStart: false,
      file: undefined,
      marks: ['b', 'e'],
    });
    assert.deepEqual(marks({ background: { beginsPattern: 'b' } }), { marks: [undefined, undefined] });
    assert.equal(read({ background: both }).background?.file, 2);
  });
});
