import assert from 'node:assert/strict';
import { compileLinePattern } from '../../../../src/engine/output/readOutput.ts';

describe('compileLinePattern', () => {
  it('matches anywhere in the line', async () => {
    const pattern = await compileLinePattern('Err(or)?: \\d+$');
    assert.equal(pattern.matches('an Error: 12'), true);
    assert.equal(pattern.matches('an Error: 12 or so'), false);
    assert.equal((await compileLinePattern('é.😀')).matches('xéx😀x'), true);
  });

  it('may stand between slashes, with i to ignore case', async () => {
    const matches = async (pattern: string, line: string): Promise<boolean> =>
      (await compileLinePattern(pattern)).matches(line);
    assert.equal(await matches('/ready$/i', 'Server READY'), true);
    assert.equal(await matches('/ready$/', 'Server READY'), false);
    assert.equal(await matches('(?i)ready', 'Server READY'), true);
    assert.equal(await matches('/a/b/', 'see a/b'), true);
    for (const path of ['/usr/local', '/', '//', '/etc/hosts']) assert.equal(await matches(path, `in ${path}.`), true);
    assert.equal(await matches('\\/x/g', 'at /x/g'), true);
  });

  for (const [pattern, part] of [
    ['/x/g', 'g'],
    ['/x/im', 'im'],
  ] as const) {
    it(`says of ${pattern} which flag there is`, async () => {
      const message = `The only flag of a pattern is i, as in /x/i. To look for the slashes themselves: \\${pattern}`;
      const details = { pattern, position: 3, part };
      await assert.rejects(compileLinePattern(pattern), { code: 'invalid_request', message, details });
    });
  }

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
