import assert from 'node:assert/strict';
import { table } from '../../../../src/cli/render/table.ts';
import { painter } from '../../../../src/cli/render/paint.ts';

describe('a table', () => {
  const rows = [
    [{ text: 'ID' }, { text: 'STATE', style: 'bold' }, { text: 'JOB' }],
    [{ text: '1a2b' }, { text: 'ok', style: 'green' }, { text: 'make everything' }],
  ] as const;
  const plain = painter({}, {});

  it('has columns of one width and no spaces at the end', () => {
    assert.equal(table(rows, plain), 'ID    STATE  JOB\n1a2b  ok     make everything');
  });
  it('cuts the last column on a terminal', () => {
    const long = [[{ text: '1a2b' }, { text: 'make everything anew' }]];
    assert.equal(table(long, plain, 24), '1a2b  make everything a…');
    for (const width of [1, 20]) assert.equal(table(long, plain, width), '1a2b  make everything…', `${width} columns`);
    for (const width of [0, 26])
      assert.equal(table(long, plain, width), '1a2b  make everything anew', `${width} columns`);
  });
  it('is as wide with colours as without', () => {
    const lines = table(rows, painter({ isTTY: true }, {})).split('\n');
    assert.equal(lines[1], '1a2b  \x1b[32mok\x1b[39m     make everything');
  });
});
