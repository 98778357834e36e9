import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codingAgentName } from '../../src/api/options.ts';
import type { AgentEventPage } from '../../src/api/codingAgent.ts';
import type { Job } from '../../src/api/job.ts';
import { useHome } from '../helpers/cli.ts';
import { pathWithAgents } from '../helpers/codingAgents.ts';
import { isAlive } from '../helpers/doctor.ts';
import { RecordedClient } from '../helpers/mcpClients.ts';
import { until } from '../helpers/until.ts';

describe('a coding agent that is killed', () => {
  const home = useHome({ PATH: pathWithAgents() });
  const events = (id: string) => home.json<AgentEventPage>(['agent-events', id]);

  for (const name of codingAgentName.options) {
    it(`is said to be killed by its events, its status, its text and the tool, and never to have completed: ${name}`, async () => {
      await using model = await RecordedClient.connect('codex', home);
      const gate = join(mkdtempSync(join(home.path, 'gate-')), name);
      execFileSync('mkfifo', [gate]);
      const job = await home.json<Job>(['agent', name, '--', 'x'], { env: { AGENT_GATE: gate } });
      const before = await until('it works', async () => {
        const page = await events(job.id);
        return page.events.length > 3 ? page : undefined;
      });
      assert.ok(!before.events.some(({ type }) => type === 'result'), `${name} still runs`);
      await home.json(['kill', job.id]);
      const { status, events: all } = await events(job.id);
      assert.equal(status, 'killed');
      const results = all.filter(({ type }) => type === 'result');
      assert.deepEqual(
        results.map((result) => [result.status, result.text, result === all.at(-1)]),
        [['killed', 'stopped by a user (SIGTERM), ended without a result', true]],
        name,
      );
      const text = (await home.bgjobs(['agent-events', job.id])).stdout;
      assert.match(text, /\n= stopped by a user \(SIGTERM\), ended without a result/);
      const page = (await home.bgjobs(['status', job.id])).stdout;
      assert.match(page, /^Status +stopped by a user \(SIGTERM\)/m);
      assert.match(page, /^Result +stopped by a user \(SIGTERM\), ended without a result/m);
      const read = await model.call('get_job_status', { id: job.id });
      assert.match(read, /: stopped by a user \(SIGTERM\)/);
      assert.doesNotMatch(read, /completed/);
    });
  }

  it('ends with the program that its launcher has left behind', async () => {
    const folder = join(home.path, 'programs');
    const pidFile = join(folder, 'pid');
    mkdirSync(folder, { recursive: true });
    // As Copilot, Gemini and Qwen are made: the launcher dies of SIGTERM, and what it has started works on.
    const agent = `trap '' TERM; echo $$ > '${pidFile}'; echo '{"type":"system","subtype":"init"}'; exec sleep 1000`;
    writeFileSync(join(folder, 'qwen'), `#!/bin/sh\nsh -c "${agent.replaceAll(/["$]/g, '\\$&')}" &\nwait\n`, {
      mode: 0o755,
    });
    const env = { PATH: `${folder}:${process.env['PATH']}` };
    const job = await home.json<Job>(['agent', 'qwen', '--', 'x'], { env });
    await until('it has begun', async () => ((await events(job.id)).events.length > 0 ? true : undefined));
    const pid = Number(readFileSync(pidFile, 'utf8'));
    assert.ok(isAlive(pid));
    assert.notEqual(pid, job.pid);
    await home.json(['kill', job.id, '--grace', '300ms']);
    assert.ok(!isAlive(pid));
    assert.equal((await events(job.id)).events.at(-1)?.status, 'killed');
  });
});
