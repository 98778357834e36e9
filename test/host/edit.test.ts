import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs edit', () => {
  const home = useHome();

  /** An editor that changes the text as `sed` would. */
  function editor(name: string, script: string): string {
    const path = join(home.path, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** Where texts are kept: it is removed with the home. */
  function temporary(): string {
    const path = join(home.path, 'tmp');
    mkdirSync(path, { recursive: true });
    return path;
  }

  it('changes what has not started, and it starts as it was changed', async () => {
    const job = await home.run(['--hold', '--name', 'old', '--tag', 'a=1', '--env', 'KEPT=1', '--shell', 'exit 9']);
    const options = ['--name', 'new', '--tag', 'b=2', '--env', 'ADDED=2', '--cwd', '/', '--timeout', '1m'];
    const edited = await home.json<Job>(['edit', 'old', ...options, '--memory', '1G', '--', 'sh', '-c', 'pwd; env']);
    assert.deepEqual(
      [edited.name, edited.tags, edited.cwd, edited.command, edited.argv, edited.options.timeoutMs],
      ['new', { b: '2' }, '/', null, ['sh', '-c', 'pwd; env'], 60_000],
    );
    assert.equal(edited.options.limits.memoryBytes, 1_073_741_824);
    assert.equal((await home.json<JobList>(['list', '--tag', 'b=2'])).total, 1);
    assert.equal((await home.json<JobList>(['list', '--tag', 'a'])).total, 0);
    assert.equal((await home.json<Job>(['edit', 'new', '--timeout', '0'])).options.timeoutMs, null);
    await home.bgjobs(['release', 'new']);
    assert.equal((await home.ended(job.id)).status, 'completed');
    const { stdout } = await home.bgjobs(['logs', 'new']);
    assert.match(stdout, /^\/\n[^]*^ADDED=2$/m);
    assert.match(stdout, /^KEPT=1$/m);
  });

  it('opens the job in an editor, and takes over what was changed there', async () => {
    const { id } = await home.run(['--hold', '--name', 'texted', '--shell', 'echo one']);
    const env = { EDITOR: editor('ed-change', 'sed -i s/one/two/ "$1"') };
    assert.equal((await home.json<Job>(['edit', id], { env })).command, 'echo two');
    const same = await home.bgjobs(['edit', id], { env: { VISUAL: 'true', EDITOR: 'false' } });
    assert.deepEqual([same.code, same.stderr], [0, 'bgjobs: nothing was changed\n']);
    const failing = await home.bgjobs(['edit', id], { env: { EDITOR: 'false', TMPDIR: temporary() } });
    assert.equal(failing.code, 2);
    assert.match(failing.stderr, /The editor "false" failed, so nothing was changed/);
  });

  it('keeps a text that it cannot use', async () => {
    const { id } = await home.run(['--hold', '--', 'true']);
    const mistakes = {
      's/true/true",/': /^That is not JSON: .* Your text is in (\S+)\.$/,
      's/"cwd": ".*"/"cwd": "\\/missing"/':
        /^The working directory \/missing does not exist.* Your text is in (\S+)\.$/,
      's/"name"/"nane"/': /unknown field "nane".* Your text is in (\S+)\.$/i,
    };
    for (const [change, message] of Object.entries(mistakes)) {
      const { message: told } = await home.error(2, ['edit', id], {
        env: { EDITOR: editor('ed-bad', `sed -i '${change}' "$1"`), TMPDIR: temporary() },
      });
      const [, file = ''] = message.exec(told) ?? assert.fail(told);
      assert.ok(existsSync(file) && readFileSync(file, 'utf8').length > 20, file);
    }
  });

  it('refuses what runs or has run, and says what to do', async () => {
    const job = await home.run(['--name', 'runs', '--', 'sleep', '600']);
    const { code, message } = await home.error(4, ['edit', 'runs', '--', 'true']);
    assert.equal(code, 'invalid_state');
    assert.match(
      message,
      /is running\. Only a job that has not started can be edited\. Stop it if it runs, and start a new/,
    );
    await home.bgjobs(['kill', job.id]);
    assert.match(
      (await home.error(4, ['edit', job.id, '--tag', 'x=y'])).message,
      /is killed\. Only a job that has not/,
    );
    assert.equal((await home.json<Job>(['edit', job.id, '--name', 'ran'])).name, 'ran');
    assert.match(
      (await home.error(2, ['edit', job.id, '--shell', 'x', '--', 'y'])).message,
      /cannot be used with a program/,
    );
  });
});
