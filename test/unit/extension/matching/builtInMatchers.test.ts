import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { by, found, read } from './found.ts';

describe('The problem matchers of the editor itself', () => {
  const based = (name: string, ...lines: string[]): string[] => found([{ base: `$${name}`, owner: 'own' }], ...lines);

  it('read what compilers of Microsoft write', () => {
    const project = ' [/w/a.csproj]';
    assert.deepEqual(
      based(
        'msCompile',
        `  2>/w/A.cs(3,7): error CS1002: ; expected${project}`,
        'x.cs(4,1,4,9): warning CS0168: unused',
        'x.cs(1): Compiler error CS5: odd',
        'x.cs(2,1): error : no code',
        'x.vb : warning BC1: no place',
        'LINK : fatal error LNK1104: cannot open file',
        'Build FAILED.',
      ),
      [
        `/w/A.cs 3:7 CS1002 cpp ; expected${project}`,
        'x.cs 4:1-4:9 warning CS0168 cpp unused',
        'x.cs 1:1-end CS5 cpp odd',
        'x.cs 2:1 cpp no code',
        'x.vb 1:1 warning BC1 cpp no place',
        'LINK 1:1 LNK1104 cpp cannot open file',
      ],
    );
  });

  it('read what other compilers write', () => {
    assert.deepEqual(based('gulp-tsc', 'src/a.ts(3,7): 2304 Cannot find name x.'), [
      'src/a.ts 3:7 2304 ts Cannot find name x.',
    ]);
    assert.deepEqual(
      based('go', 'main.go:3:7: undefined: x', 'vet.go:4: odd', 'vet: ./x.go:3:4: undeclared name', 'ok  pkg 0.1s'),
      ['main.go 3:7 go undefined: x', 'vet.go 4:1-end go odd', './x.go 3:4 go undeclared name'],
    );
    assert.deepEqual(based('lessCompile', '  Unrecognised input in file /w/a.less line no. 3'), [
      '/w/a.less 3:1-end less Unrecognised input',
    ]);
  });

  it('read what linters write', () => {
    assert.deepEqual(based('jshint', '/w/a.js: line 3, col 7, Missing semicolon. (W033)'), [
      '/w/a.js 3:7 warning 033 jshint Missing semicolon.',
    ]);
    assert.deepEqual(
      based('jshint-stylish', '/w/a.js', '  line 3  col 7  Missing semicolon. (W033)', '  line 4  col 1  Odd. (E001)'),
      ['/w/a.js 3:7 warning 033 jshint Missing semicolon.', '/w/a.js 4:1 001 jshint Odd.'],
    );
    assert.deepEqual(based('eslint-compact', '/w/a.js: line 3, col 7, Error - No x. (no-x)'), [
      '/w/a.js 3:7 no-x eslint No x.',
    ]);
  });

  it('take only a path for the file of eslint', () => {
    const problem = '  3:7   error    No x allowed  no-x';
    for (const file of ['/w/a.js', './a.js', 'C:\\w\\a.js', '..\\a.js']) {
      assert.deepEqual(based('eslint-stylish', '', file, problem, '  0:0  warning  Odd', '', '✖ 2 problems'), [
        `${file} 3:7 no-x eslint No x allowed`,
        `${file} 1:1 warning eslint Odd`,
      ]);
    }
    assert.deepEqual(based('eslint-stylish', 'Summary', problem), []);
  });

  it('have patterns that others may use', () => {
    for (const [pattern, line, problem] of [
      ['$cpp', 'a.cpp(3,7): error C2065: undeclared', 'a.cpp 3:7 C2065 undeclared'],
      ['$csc', 'a.cs(3,7): warning CS0168: unused', 'a.cs 3:7 warning CS0168 unused'],
      ['$vb', 'a.vb(3): error BC30451: not declared', 'a.vb 3:1-end BC30451 not declared'],
      ['$nvcc-location', 'a.cu(3): error: undefined', 'a.cu 3:1-end undefined'],
    ] as const) {
      assert.deepEqual(by(pattern, line), [problem]);
    }
    assert.throws(() => read({ pattern: '$nothing' }), { message: '$nothing is not known' });
  });
});
