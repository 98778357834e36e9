import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WaitResult } from '../../src/api/control.ts';
import type { Job } from '../../src/api/job.ts';
import type { Chunk } from '../../src/api/output.ts';
import { useHome } from '../helpers/cli.ts';

/** A state of the bar that tqdm draws for `range(3000)`, about 60 bytes. */
const state = (n: number): string =>
  `\r${String(Math.floor(n / 30)).padStart(3)}%|${'█'.repeat(Math.floor(n / 300)).padEnd(10)}| ${n}/3000 [00:04<00:02, 237.1it/s]`;
const bar = Array.from({ length: 3001 }, (_, n) => state(n)).join('');

describe('a line that was redrawn 3000 times', () => {
  const home = useHome();

  /** A job that prints this to stderr and then lives on. */
  async function printing(text: string, ...options: string[]): Promise<Job> {
    writeFileSync(join(home.path, 'printed'), text);
    return home.run([...options, '--', 'sh', '-c', 'cat printed >&2; exec sleep 600']);
  }

  it('is found by a wait in each of its states, and shown in the state that matched', async () => {
    assert.ok(Buffer.byteLength(bar) > 150_000);
    const { id } = await printing(bar);
    for (const n of [1, 1500, 2500, 3000]) {
      const { timedOut, match } = await home.json<WaitResult>(['wait', id, '--for', `/\\b${n}/3000/`]);
      assert.deepEqual([timedOut, match], [false, state(n).slice(1)]);
    }
    const { stdout } = await home.bgjobs(['wait', id, '--for', '/ 95[0-9]\\/3000/']);
    assert.equal(stdout, `${state(950).slice(1)}\n`);
    const both = await home.bgjobs(['wait', id, '--for', '/ 1500.* 1501/', '--timeout', '300ms']);
    assert.notEqual(both.code, 0, 'no two states are one line');
  });

  it('is found by --ready-when, which says what matched', async () => {
    const { id } = await printing(`${bar} server ready`, '--ready-when', '/3000 .* ready$/');
    const { job } = await home.json<WaitResult>(['wait', id, '--for', 'ready']);
    assert.deepEqual([job.ready, job.readyText], [true, `${state(3000).slice(1)} server ready`.trim()]);
  });

  it('is one line for --grep, as JSON too', async () => {
    writeFileSync(join(home.path, 'printed'), bar);
    const { id } = await home.run(['--', 'sh', '-c', 'cat printed >&2; echo >&2; echo end']);
    await home.bgjobs(['wait', id]);
    const { chunks } = await home.json<{ chunks: Chunk[] }>(['output', id, '--grep', '2500/3000']);
    assert.deepEqual(
      chunks.map(({ text, offset }) => [text, offset]),
      [[`${state(2500).slice(1)}\n`, 0]],
    );
  });
});

describe('a line of a megabyte', () => {
  const home = useHome();

  it('is found by what is at its end, and shown about that', async () => {
    const script = `process.stdout.write('x'.repeat(1e6) + ' needle ' + 'y'.repeat(5000)); setTimeout(() => {}, 6e5)`;
    const { id } = await home.run(['--ready-when', '/needle/', '--', process.execPath, '-e', script]);
    const { match } = await home.json<WaitResult>(['wait', id, '--for', '/needle/']);
    assert.equal(match?.length, 1000);
    assert.match(match, /^…x+ needle y+…$/);
    const { job } = await home.json<WaitResult>(['wait', id, '--for', 'ready']);
    assert.match(job.readyText ?? '', /^…x+ needle y+…$/);
    assert.equal(job.readyText?.length, 500);
  });
});
