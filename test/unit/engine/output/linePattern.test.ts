import assert from 'node:assert/strict';
import { compileLinePattern } from '../../../../src/engine/output/lines.ts';

describe('compileLinePattern', () => {
  it('matches anywhere in the line', async () => {
    const pattern = await compileLinePattern('Err(or)?: \\d+$');
    assert.equal(pattern.matches('an Error: 12'), true);
    assert.equal(pattern.matches('an Error: 12 or so'), false);
    assert.equal((await compileLinePattern('é.😀')).matches('xéx😀x'), true);
  });

  it('takes time that grows with the line alone', async () => {
    // A backtracking engine would be at it for ever.
    assert.equal((await compileLinePattern('(a+)+$')).matches(`${'a'.repeat(50_000)}b`), false);
  });

  const wrong: [string, number, string][] = [
    ['a**', 1, '**'],
    ['ok[z-a]', 3, 'z-a'],
    ['x{2000}', 1, '{2000}'],
    ['(a', 0, '(a'],
  ];
  for (const [pattern, position, part] of wrong) {
    it(`shows where ${pattern} is wrong`, async () => {
      await assert.rejects(compileLinePattern(pattern), {
        code: 'invalid_request',
        details: { pattern, position, part },
      });
    });
  }
});
