import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEvent, AgentEventPage } from '../../src/protocol/codingAgent.ts';
import type { Job } from '../../src/protocol/job.ts';
import { homeFiles } from '../../src/home/home.ts';
import { readHostRecord } from '../../src/home/hostRecord.ts';
import { useHome } from '../helpers/cli.ts';
import { pathWithAgents } from '../helpers/codingAgents.ts';
import { until } from '../helpers/until.ts';

const prompt = `-n "Fix" 'it' $(now)\nand more`;

describe("coding agents' runs", () => {
  const home = useHome({ PATH: pathWithAgents() });
  let started = 0;

  /** Where a stand-in writes its arguments. */
  const recording = () => join(home.path, `arguments-${++started}`);
  const recorded = (file: string) => {
    const count = readdirSync(home.path).filter((name) => join(home.path, name).startsWith(`${file}.`)).length;
    return Array.from({ length: count }, (_, index) => readFileSync(`${file}.${index + 1}`, 'utf8'));
  };
  const gate = () => {
    const path = join(home.path, `gate-${++started}`);
    execFileSync('mkfifo', [path]);
    return path;
  };
  const openGate = async (path: string) => {
    await using file = await open(path, 'w');
    await file.write('\n');
  };
  const events = (id: string, ...more: string[]) => home.json<AgentEventPage>(['agent-events', id, ...more]);

  it('are started with the prompt as it is, and their events are numbered', async () => {
    const file = recording();
    const job = await home.json<Job>(['agent', 'codex', '--model', 'm', '--', prompt, '--sandbox', 'read-only'], {
      env: { AGENT_ARGUMENTS: file },
    });
    assert.deepEqual(job.codingAgent, {
      name: 'codex',
      prompt,
      model: 'm',
      arguments: ['--sandbox', 'read-only'],
      sessionId: null,
      continues: null,
    });
    await home.ended(job.id);
    assert.deepEqual(recorded(file), ['exec', '--json', '--model', 'm', '--sandbox', 'read-only', '--', prompt]);
    const page = await events(job.id);
    assert.deepEqual(
      page.events.map(({ number }) => number),
      Array.from({ length: 13 }, (_, index) => index + 1),
    );
    assert.deepEqual([page.next, page.more, page.droppedBytes, page.status], [13, false, 0, 'completed']);
  });

  it('wait for other jobs as any job does', async () => {
    const tests = await home.run(['--', 'false']);
    const job = await home.json<Job>(['agent', 'claude', '--after', `${tests.id}:finished`, '--', 'Mend them']);
    assert.deepEqual(job.dependsOn, [{ job: tests.id, condition: 'finished' }]);
    assert.equal((await home.ended(job.id)).status, 'completed');
  });

  it('give each event once, page by page, and those of one type', async () => {
    const job = await home.json<Job>(['agent', 'claude', '--', 'x']);
    await home.ended(job.id);
    const all = (await events(job.id)).events;
    const paged: AgentEvent[] = [];
    for (let since = 0, more = true; more;) {
      const page = await events(job.id, '--since', `${since}`, '--limit', '4');
      paged.push(...page.events);
      ({ next: since, more } = page);
    }
    assert.deepEqual(paged, all);
    const commands = await events(job.id, '--type', 'command', '--limit', '2');
    assert.deepEqual([commands.events.map(({ number }) => number), commands.next, commands.more], [[4, 5], 7, true]);
    const rest = await events(job.id, '--type', 'command', '--since', `${commands.next}`);
    assert.deepEqual([rest.events.map(({ number }) => number), rest.next], [[8, 9], 11]);
  });

  it('are told while they run, from one host to the next, the same as afterwards', async () => {
    const path = gate();
    const job = await home.json<Job>(['agent', 'copilot', '--', 'x'], { env: { AGENT_GATE: path } });
    const before = await until('all but the result is told', async () => {
      const page = await events(job.id);
      return page.events.length === 9 ? page : undefined;
    });
    assert.equal(before.status, 'running');
    const polled = await events(job.id, '--since', '9');
    assert.deepEqual([polled.events, polled.next], [[], 9]);

    await home.json(['kill', cancelled.id]);
    const follower = await home.bgjobs(['agent-events', cancelled.id, '--follow']);
    assert.deepEqual([follower.code, follower.stdout], [0, '']);
    await home.json(['kill', resumed.id]);
    const missing = await home.json<Job>(['agent', 'copilot', '--env', 'PATH=/nonexistent', '--', 'x']);
    await home.ended(missing.id);
    for (const { id } of [cancelled, missing]) {
      assert.match((await home.error(4, ['continue', id, '--', 'y'])).message, /has not told the id of a session/);
    }
    assert.ok((await home.json<Job>(['continue', resumed.id, '--', 'y'])).argv?.includes('--resume=known'));
  });

  it('say why a job cannot be continued, or has no events', async () => {
    const plain = await home.run(['--', 'true']);
    await home.ended(plain.id);
    assert.match((await home.error(4, ['continue', plain.id, '--', 'x'])).message, /runs no coding agent/);
    assert.equal((await home.error(2, ['agent-events', plain.id])).code, 'invalid_request');

    const missing = await home.json<Job>(['agent', 'claude', '--env', 'PATH=/nonexistent', '--', 'x']);
    const ended = await home.ended(missing.id);
    assert.equal(ended.error?.code, 'command_not_found');
    assert.match(
      (await home.error(4, ['continue', missing.id, '--', 'x'])).message,
      /has not told the id of a session/,
    );
    assert.equal((await home.error(3, ['continue', 'ffffffff', '--', 'x'])).code, 'job_not_found');
    assert.equal((await home.error(2, ['agent', 'other', '--', 'x'])).code, 'invalid_request');
    assert.equal((await home.error(2, ['agent', 'claude'])).code, 'invalid_request');
    assert.equal((await home.error(2, ['agent', 'claude', '--resume', '-x', '--', 'x'])).code, 'invalid_request');
  });
});
