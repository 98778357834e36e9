import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs run', () => {
  const home = useHome();

  it('says what it started and what can be done next, and returns', async () => {
    const result = await home.bgjobs(['run', '--name', 'nap', '--', 'sleep', '600']);
    assert.equal(result.code, 0);
    assert.match(result.stdout, /^[0-9a-f]{8} (running|starting) {2}sleep 600\n/);
    const shortId = result.stdout.slice(0, 8);
    for (const next of ['output', 'status', 'kill']) assert.ok(result.stdout.includes(`${next} ${shortId}`), next);
    assert.ok(['starting', 'running'].includes((await home.reaches(shortId, 'starting', 'running')).status));
  });

  it('prints the job as one JSON document', async () => {
    const job = await home.run(['--', 'true']);
    assert.match(job.id, /^[0-9a-f-]{36}$/);
    assert.equal(job.shortId, job.id.slice(0, 8));
    assert.deepEqual(job.argv, ['true']);
    assert.equal(job.command, null);
    assert.equal(job.session, 'cli');
    assert.equal(job.cwd, home.path);
    for (const key of ['name', 'waitingFor', 'exitCode', 'signal', 'ready', 'finishedAt', 'pid', 'reason', 'error']) {
      assert.ok(key in job, key);
    }
  });

  it('gives every argument to the program byte for byte', async () => {
    const job = await home.run(['--', 'printf', '[%s]', 'a b', '; echo X']);
    await home.ended(job.id);
    assert.equal((await home.bgjobs(['output', job.id, '--raw'])).stdout, '[a b][; echo X]');

    const odd = ['', ' ', '--', '-n', '--json', '$HOME', '`id`', '*', "it's", '"', '\\', 'a\nb', 'größe 🙂', '%s', '~'];
    const wait = await home.bgjobs(['run', '--wait', '--', 'printf', '<%s>', ...odd]);
    assert.equal(wait.stdout, odd.map((word) => `<${word}>`).join(''));
    assert.deepEqual((await home.run(['--', 'true', ...odd])).argv, ['true', ...odd]);
  });

  it('accepts the program without --, and passes on its options', async () => {
    const result = await home.bgjobs(['run', '--wait', 'printf', '%s,', '--name', '--', '-x']);
    assert.equal(result.stdout, '--name,--,-x,');
  });

  it('runs a line in a shell', async () => {
    const result = await home.bgjobs(['run', '--wait', '--shell', 'echo one | tr a-z A-Z; echo $0 >&2']);
    assert.deepEqual([result.stdout, result.stderr], ['ONE\n', '/bin/sh\n']);
    const bash = await home.bgjobs(['run', '--wait', '--shell', 'echo ${BASH_VERSION:+bash}', '--shell-path', 'bash']);
    assert.equal(bash.stdout, 'bash\n');
  });

  it('shows how it is used when there is no command or two of them', async () => {
    for (const args of [['run'], ['run', '--shell', 'true', '--', 'true']]) {
      const result = await home.bgjobs(args);
      assert.equal(result.code, 2);
      assert.match(result.stderr, /^bgjobs: .*bgjobs run -- make -j2.*--shell/s);
      assert.equal(result.stdout, '');
    }
    assert.equal((await home.error(2, ['run'])).code, 'invalid_request');
  });

  it('refuses a working directory that does not exist', async () => {
    const error = await home.error(2, ['run', '--cwd', 'nosuch', '--', 'true']);
    assert.equal(error.code, 'cwd_not_found');
    assert.ok(error.message.includes(join(home.path, 'nosuch')));
  });

  it('ends as failed, with a code, when the command does not exist or may not be executed', async () => {
    const missing = await home.ended((await home.run(['--', 'nosuchprogram'])).id);
    assert.equal(missing.status, 'failed');
    assert.equal(missing.error?.code, 'command_not_found');
    assert.equal(missing.reason, 'spawn_error');
    assert.equal(missing.exitCode, null);

    const script = join(home.path, 'script');
    writeFileSync(script, '#!/bin/sh\n');
    chmodSync(script, 0o644);
    const forbidden = await home.ended((await home.run(['--', script])).id);
    assert.deepEqual([forbidden.status, forbidden.error?.code], ['failed', 'permission_denied']);
  });

  describe('records the end exactly', () => {
    for (const code of [0, 1, 127, 128, 137, 200, 255]) {
      it(`exit ${code}`, async () => {
        const job = await home.ended((await home.run(['--', 'sh', '-c', `exit ${code}`])).id);
        assert.deepEqual(
          [job.status, job.exitCode, job.signal, job.reason],
          [code === 0 ? 'completed' : 'failed', code, null, 'exit'],
        );
        assert.ok(job.startedAt !== null && job.finishedAt !== null && job.durationMs !== null);
      });
    }
    for (const signal of ['HUP', 'INT', 'KILL', 'TERM']) {
      it(`SIG${signal} that nobody here sent`, async () => {
        const job = await home.ended((await home.run(['--', 'sh', '-c', `kill -${signal} $$`])).id);
        assert.deepEqual(
          [job.status, job.exitCode, job.signal, job.reason],
          ['failed', null, `SIG${signal}`, 'signal'],
        );
      });
    }
  });
});
