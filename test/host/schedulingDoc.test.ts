import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'scheduling.md'), 'utf8');
const examples = [...page.matchAll(/^## (.+)$[^]*?```sh\n([^]*?)```/gm)];

describe('the examples of docs/scheduling.md', () => {
  const home = useHome();

  for (const [, title = '', script = ''] of examples) {
    it(`run: ${title}`, async () => {
      const bin = join(home.path, 'bin');
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, 'bgjobs'), `#!/bin/sh\nexec '${process.execPath}' '${await bundledCli()}' "$@"\n`);
      chmodSync(join(bin, 'bgjobs'), 0o755);
      const PATH = `${bin}${delimiter}${process.env['PATH'] ?? ''}`;
      const env = { ...process.env, PATH, BGJOBS_HOME: home.path };
      const { stderr } = await promisify(execFile)('sh', ['-e', '-c', script], { cwd: home.path, env });
      assert.doesNotMatch(stderr, /usage|error/i);
    });
  }

  it('are all in this test', () => assert.equal(examples.length, page.split('```sh').length - 1));
});
