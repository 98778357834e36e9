import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { homeFiles, readHostRecord } from '../../src/dataDir/dataDir.ts';
import type { Job, JobList } from '../../src/api/job.ts';
import { useHome, type ErrorDocument } from '../helpers/cli.ts';
import { ask } from '../helpers/http.ts';

describe('the deny list for agents', () => {
  const home = useHome();
  const send = async (method: string, path: string, body: object): Promise<{ status: number; text: string }> => {
    const record = readHostRecord(homeFiles(home.path).record);
    assert.ok(record);
    const answer = await ask(record, method, path, { body: JSON.stringify(body) });
    return { status: answer.status, text: answer.body };
  };
  const start = (command: string, actor: string) =>
    send('POST', '/v1/jobs', { command, cwd: home.path, shell: '/bin/sh', actor });

  before(async () => {
    await home.json(['host', 'start']);
    const { status } = await send('PATCH', '/v1/host', { agentDeny: ['touch'] });
    assert.equal(status, 200);
  });

  it('answers 403 to an agent, with the pattern and the part, and creates no job', async () => {
    const { status, text } = await start('echo x && sudo touch ran', 'agent');
    const { error } = JSON.parse(text) as ErrorDocument;
    assert.deepEqual([status, error.code, error.retryable], [403, 'policy_denied', false]);
    assert.deepEqual(error.details, { pattern: 'touch', part: 'touch ran' });
    assert.match(error.message, /"touch ran".*"touch"/);
    assert.equal((await home.json<JobList>(['list'])).total, 0);
    assert.ok(!existsSync(join(home.path, 'ran')));
  });

  it('allows the command to a person, and other commands to an agent', async () => {
    const job = await home.ended((await home.run(['--shell', 'touch ran'])).id);
    assert.equal(job.status, 'completed');
    assert.ok(existsSync(join(home.path, 'ran')));
    const restart = await send('POST', `/v1/jobs/${job.id}/restart`, { actor: 'agent' });
    assert.equal(restart.status, 403);
    assert.equal((await home.json<Job>(['status', job.id])).run, 1);
    assert.equal((await home.json<Job>(['restart', job.id])).run, 2);
    assert.equal((await start('echo touch', 'agent')).status, 201);
  });
});
