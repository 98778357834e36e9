import assert from 'node:assert/strict';
import { columns, painter } from '../../../../src/cli/base/table.ts';

describe('a table', () => {
  const rows = [
    ['ID', ['STATE', 'bold'], 'JOB'],
    ['1a2b', ['ok', 'green'], 'make everything'],
  ] as const;
  const plain = painter({ stdout: {}, env: {} });

  it('has columns of one width and no spaces at the end', () => {
    assert.equal(columns(rows, plain), 'ID    STATE  JOB\n1a2b  ok     make everything');
  });
  it('cuts the last column on a terminal', () => {
    const long = [['1a2b', 'make everything anew']];
    assert.equal(columns(long, plain, 24), '1a2b  make everything a…');
    for (const width of [1, 20])
      assert.equal(columns(long, plain, width), '1a2b  make everything…', `${width} columns`);
    for (const width of [0, 26])
      assert.equal(columns(long, plain, width), '1a2b  make everything anew', `${width} columns`);
  });
  it('is as wide with colors as without', () => {
    const lines = columns(rows, painter({ stdout: { isTTY: true }, env: {} })).split('\n');
    assert.equal(lines[1], '1a2b  \x1b[32mok\x1b[39m     make everything');
  });
});

describe('colors', () => {
  const colored = '\x1b[31mx\x1b[39m';
  const red = (isTTY: boolean, env: NodeJS.ProcessEnv): string => painter({ stdout: { isTTY }, env })('red', 'x');
  it('are used on a terminal', () => assert.equal(red(true, {}), colored));
  it('are not used in a pipe', () => assert.equal(red(false, {}), 'x'));
  it('are not used with NO_COLOR', () => assert.equal(red(true, { NO_COLOR: '1' }), 'x'));
  it('are used with an empty NO_COLOR', () => assert.equal(red(true, { NO_COLOR: '' }), colored));
});
