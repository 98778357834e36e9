import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useHome } from '../helpers/cli.ts';

/** A small make project: 12 parts are made from their sources, two at a time, and joined; a test reads the result. */
function writeProject(folder: string): void {
  mkdirSync(folder);
  const parts = Array.from({ length: 12 }, (_, index) => `part${index}`);
  for (const part of parts) writeFileSync(join(folder, `${part}.in`), `${part}\n`);
  const made = parts.map((part) => `${part}.out`).join(' ');
  writeFileSync(
    join(folder, 'Makefile'),
    [
      `all: result`,
      `%.out: %.in`,
      `\t@echo "making $@"; sleep 0.05; tr a-z A-Z < $< > $@`,
      `result: ${made}`,
      `\tcat $^ > $@`,
      `test: result`,
      `\t@test "$$(wc -l < result)" -eq 12 || { echo "wrong" >&2; exit 1; }`,
      `broken:`,
      `\t@echo "no way" >&2; exit 7`,
      ``,
    ].join('\n'),
  );
}

describe('a real project as a job', () => {
  const home = useHome();
  const folder = (): string => join(home.path, 'project');
  before(() => writeProject(folder()));

  it('is built by make -j2 to its end', async () => {
    const job = await home.ended((await home.run(['--cwd', folder(), '--', 'make', '-j2', 'test'])).id);
    assert.deepEqual([job.status, job.exitCode, job.leftovers], ['completed', 0, []]);
    const { stdout } = await home.bgjobs(['output', job.id]);
    assert.equal(stdout.match(/^making part\d+\.out$/gm)?.length, 12);
    assert.equal(readFileSync(join(folder(), 'result'), 'utf8').split('\n').length, 13);
  });

  it('fails with the exit code and the messages of make', async () => {
    const result = await home.bgjobs(['run', '--wait', '--cwd', folder(), '--', 'make', 'broken']);
    assert.equal(result.code, 2);
    assert.match(result.stderr, /^no way\n.*Error 7/s);
  });
});
