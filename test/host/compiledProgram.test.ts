import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';

describe('what is kept of the compiled command line', () => {
  const home = useHome();
  const cache = (): string => join(home.path, 'cache');
  const kept = (verb: string): string[] => readdirSync(cache()).filter((name) => name.endsWith(`-${verb}`));
  const list = async (): Promise<void> => {
    const { code, stdout, stderr } = await home.bgjobs(['list', '--json']);
    assert.deepEqual([code, stdout, stderr], [0, '{"jobs":[],"total":0,"cursor":null}\n', '']);
  };

  /** The file of `list`, as the command has written it. */
  async function written(): Promise<string> {
    await list();
    const [name, ...more] = kept('list');
    assert.ok(name !== undefined && more.length === 0);
    return join(cache(), name);
  }

  before(() => home.bgjobs(['host', 'start']));

  it('is one file for a verb, which later commands leave as it is', async () => {
    const file = await written();
    const data = readFileSync(file);
    utimesSync(file, 1_700_000_000, Date.now() / 1000);
    const { mtimeMs } = statSync(file);
    await list();
    assert.equal(statSync(file).mtimeMs, mtimeMs);
    assert.ok(readFileSync(file).equals(data));
    assert.equal(statSync(file).mode & 0o077, 0);
    await home.bgjobs(['nosuchverb']);
    assert.deepEqual(kept('nosuchverb').concat(kept('other')), []);
  });

  it('is replaced when it is damaged, and the command does what it should', async () => {
    const file = await written();
    const data = readFileSync(file);
    const flipped = Buffer.from(data);
    flipped[data.length >> 2]! ^= 0x55;
    const otherEngine = Buffer.from(data);
    otherEngine[5]! ^= 0x55;
    otherEngine[5 + data.length / 2]! ^= 0x55;
    for (const damaged of [flipped, otherEngine, data.subarray(0, 1000), Buffer.alloc(0), Buffer.from('hello')]) {
      writeFileSync(file, damaged);
      await list();
      assert.ok(!readFileSync(file).equals(damaged));
      assert.ok(readFileSync(file).length > 10_000);
    }
  });

  it('is removed when it has not been used for long', async () => {
    const file = await written();
    const old = join(cache(), 'of-an-older-version');
    writeFileSync(old, '');
    utimesSync(old, 1_700_000_000, 1_700_000_000);
    rmSync(file);
    await list();
    assert.deepEqual(readdirSync(cache()).includes('of-an-older-version'), false);
  });

  it('is missing without a word where it cannot be written, or where others could write it', async () => {
    rmSync(cache(), { recursive: true, force: true });
    writeFileSync(cache(), '');
    await list();
    assert.equal(readFileSync(cache(), 'utf8'), '');
    rmSync(cache());
    chmodSync(home.path, 0o755);
    await list();
    assert.ok(!readdirSync(home.path).includes('cache'));
    chmodSync(home.path, 0o700);
    const elsewhere = join(home.path, 'not', 'yet', 'there');
    assert.equal((await home.bgjobs(['--version'], { env: { BGJOBS_HOME: elsewhere } })).code, 0);
    assert.ok(!readdirSync(home.path).includes('not'));
  });

  it('is apart for each version of the program, also when they run at the same time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bj-version-'));
    try {
      const first = await bundledCli();
      cpSync(join(dirname(first), '..'), folder, { recursive: true });
      const second = join(folder, 'dist', 'cli.js');
      const program = join(folder, 'dist', 'program.js');
      const hash = /"([0-9a-f]{16})"/.exec(readFileSync(first, 'utf8'))?.[1] ?? '';
      writeFileSync(second, readFileSync(second, 'utf8').replaceAll(hash, '0123456789abcdef'));
      const [opening = '', ...rest] = readFileSync(program, 'utf8').split('{');
      writeFileSync(program, [opening, `process.stdout.write("of the second\\n");${rest.join('{')}`].join('{'));
      const run = async (cli: string): Promise<string> => {
        const env = { ...process.env, BGJOBS_HOME: home.path };
        return (await promisify(execFile)(process.execPath, [cli, 'list', '--json'], { env })).stdout;
      };
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => run(index % 2 === 0 ? first : second)),
      );
      for (const [index, answer] of answers.entries()) assert.equal(answer.includes('of the second'), index % 2 === 1);
      assert.deepEqual(
        kept('list')
          .map((name) => name.slice(0, 16))
          .sort(),
        ['0123456789abcdef', hash].sort(),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
