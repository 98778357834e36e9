import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../src/api/job.ts';
import { connect } from '../../src/client/apiClient.ts';
import { useHome } from '../helpers/cli.ts';

/** Found nowhere by chance. */
const value = 'sw0rdf1sh-7c1d2b';
const env = { TOKEN: value };

describe('a secret of a job', () => {
  const home = useHome();

  /** Every file of the store, without the output of jobs. */
  function stored(): string {
    const files = readdirSync(home.path, { recursive: true, withFileTypes: true });
    const own = files.filter((file) => file.isFile() && !/^(stdout|stderr|output)\.log$/.test(file.name));
    return own.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n');
  }

  async function killHost(): Promise<void> {
    const { pid } = await home.json<{ pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
  }

  it('reaches the job, and no file and no answer', async () => {
    const command = ['--secret', 'TOKEN', '--', 'sh', '-c', 'echo ${#TOKEN}; exit 3'];
    const { id } = await home.run(['--retry', '1', '--retry-delay', '10ms', ...command], { env });
    const job = await home.ended(id);
    assert.deepEqual([job.run, job.exitCode, job.options.secrets], [2, 3, ['TOKEN']]);
    assert.equal((await home.bgjobs(['output', id])).stdout, `${value.length}\n`);
    const verbs = [['status', id], ['list'], ['status', id, '--json'], ['list', '--json']];
    const answers = await Promise.all(verbs.map((args) => home.bgjobs(args)));
    const client = await connect({ home: home.path, start: false });
    const events = JSON.stringify(await client.getEvents({ since: 0 }));
    client.dispose();
    for (const text of [events, ...answers.map(({ stdout }) => stdout)]) {
      assert.ok(text.includes(job.shortId));
      assert.ok(!text.includes(value));
    }
    assert.match(answers[0]!.stdout, /Secrets +TOKEN/);
    assert.ok(!stored().includes(value));
  });

  it('must be set, and must not be given in the clear as well', async () => {
    const unset = await home.error(2, ['run', '--secret', 'TOKEN', '--', 'true']);
    assert.match(unset.message, /secrets: TOKEN is not set/);
    const both = await home.error(2, ['run', '--secret', 'TOKEN', '--env', 'TOKEN=x', '--', 'true'], { env });
    assert.match(both.message, /secrets: TOKEN is given in env or envFile, too/);
    assert.equal((await home.bgjobs(['run', '--secret', 'TOKEN=x', '--', 'true'], { env })).code, 2);
  });

  it('is gone after a restart of the host: the job fails and says so, and a restart sets it again', async () => {
    const { id } = await home.run(['--hold', '--secret', 'TOKEN', '--', 'sh', '-c', 'echo ${#TOKEN}'], { env });
    await killHost();
    // The next host has one of its own, which is not the one that was meant.
    await home.json(['release', id], { env: { TOKEN: 'another' } });
    const failed = await home.ended(id);
    assert.deepEqual([failed.status, failed.error?.code, failed.runs.length], ['failed', 'secret_missing', 1]);
    assert.match(
      failed.error?.message ?? '',
      /^The secret TOKEN has no value\. The job host keeps .* restart the job\.$/,
    );
    await home.json<Job>(['restart', id], { env });
    assert.equal((await home.ended(id)).exitCode, 0);
    assert.equal((await home.bgjobs(['output', id])).stdout, `${value.length}\n`);
  });

  it('that is gone ends the attempts of a job', async () => {
    const retry = ['--retry', '3', '--retry-delay', '1s', '--secret', 'TOKEN', '--', 'false'];
    const { id } = await home.run(retry, { env });
    await home.reaches(id, 'pending');
    await killHost();
    const ended = await home.ended(id);
    assert.deepEqual([ended.run, ended.error?.code], [2, 'secret_missing']);
  });
});
