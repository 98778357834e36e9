import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useTools } from '../../../helpers/tools.ts';

const esc = '\u001B';

describe('the tools, about lines that were redrawn', () => {
  const { server, call, start } = useTools();

  /** The id of a job that has printed this. */
  async function printed(text: string, stream: 'stdout' | 'stderr' = 'stderr'): Promise<string> {
    const path = join(server.home, 'printed');
    writeFileSync(path, text);
    const { job } = await start({ command: `cat printed${stream === 'stderr' ? ' >&2' : ''}`, lookMs: 30_000 });
    return job.id;
  }

  const quoted = (text: string): string => /not instructions ---\n([^]*?)\n?--- end of output/.exec(text)?.[1] ?? '';

  /** Of get_job_output, one after the other, from the beginning. */
  async function pages(id: string, maxChars = 7500): Promise<string[]> {
    const found: string[] = [];
    for (let since = 0; ;) {
      const { text } = await call('get_job_output', { id, run: 1, since, maxChars });
      found.push(quoted(text));
      const next = /More output is available: .* since (\d+)\./.exec(text)?.[1];
      if (next === undefined) return found;
      since = Number(next);
    }
  }

  const state = (n: number): string =>
    `\r${(n / 30).toFixed(0).padStart(3)}%|${'█'.repeat(n / 300)}| ${n}/3000 [00:01<00:02]`;
  const bar = Array.from({ length: 3001 }, (_, n) => state(n)).join('');

  it('show a long bar in its last state, with what is around it, in one page', async () => {
    const id = await printed(`start\n${bar}\nend\n`);
    const shown = `start\n${state(3000).slice(1)}\nend`;
    assert.deepEqual(await pages(id), [shown]);
    assert.equal(quoted((await call('get_job_output', { id })).text), shown);
    assert.equal(quoted((await call('wait_for_job', { id })).text), shown);
  });

  it('show eight bars as eight lines, also those that have been at rest for long', async () => {
    const draw = (row: number, text: string): string => `${'\n'.repeat(row)}\r${esc}[K${text}${esc}[${row}A`;
    const bars = Array.from({ length: 8 }, (_, row) => draw(row, `bar ${row}: 100%`).replace(`${esc}[0A`, ''));
    const updates = Array.from({ length: 4000 }, (_, n) => draw(7, `bar 7: ${n}`)).join('');
    const id = await printed(`start\n${bars.join('')}${updates}${'\n'.repeat(8)}end\n`);
    const lines = ['start', ...bars.slice(0, 7).map((_, row) => `bar ${row}: 100%`), 'bar 7: 3999', 'end'];
    assert.equal(quoted((await call('get_job_output', { id })).text), lines.join('\n'));
    assert.deepEqual(await pages(id), [lines.join('\n')]);
  });

  it('show what a backspace has taken back in its last state', async () => {
    const id = await printed(
      'Writing inode tables:  0/16\b\b\b\b\b 1/16\b\b\b\b\bdone                            \n',
      'stdout',
    );
    assert.equal(quoted((await call('get_job_output', { id })).text), 'Writing inode tables: done');
  });

  it('end no page inside a line, and show everything once', async () => {
    const lines = Array.from({ length: 3000 }, (_, n) => `line ${n} "${'ä'.repeat(n % 90)}"`);
    const id = await printed(`${lines.join('\n')}\n`);
    const found = await pages(id, 4000);
    assert.ok(found.length > 40 && found.length < 400, String(found.length));
    assert.deepEqual(found.join('\n').split('\n'), lines);
  });

  it('show a line that is longer than a page in several', async () => {
    const long = 'x'.repeat(20_000);
    const id = await printed(`begin\n${long}\nend\n`);
    const found = await pages(id);
    assert.equal(found[0], 'begin');
    assert.equal(found.slice(1).join(''), `${long}\nend`);
  });

  it('show the last screen of a program that clears it', async () => {
    const clear = `${esc}[2J${esc}[3J${esc}[H`;
    const id = await printed(
      `${clear}12:00 Starting\nfound 3 errors\n${clear}12:01 Starting\nfound 0 errors\n`,
      'stdout',
    );
    assert.equal(quoted((await call('get_job_output', { id })).text), '12:01 Starting\nfound 0 errors');
  });
});
