import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEvent, AgentEventPage } from '../../src/api/codingAgent.ts';
import type { Job } from '../../src/api/job.ts';
import { homeFiles, readHostRecord } from '../../src/dataDir/dataDir.ts';
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

  it('are reported while they run, across hosts, the same as afterwards', async () => {
    const path = gate();
    const job = await home.json<Job>(['agent', 'copilot', '--', 'x'], { env: { AGENT_GATE: path } });
    const before = await until('all but the result is told', async () => {
      const page = await events(job.id);
      return page.events.length === 9 ? page : undefined;
    });
    assert.equal(before.status, 'running');
    const polled = await events(job.id, '--since', '9');
    assert.deepEqual([polled.events, polled.next], [[], 9]);

    const follower = await home.start(['agent-events', job.id, '--follow', '--since', '5', '--json']);
    const pid = readHostRecord(homeFiles(home.path).record)?.pid;
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    assert.deepEqual((await events(job.id)).events, before.events, 'the next host tells the same');
    await openGate(path);
    await home.ended(job.id);
    const after = (await events(job.id)).events;
    assert.deepEqual(after.slice(0, 9), before.events);
    assert.deepEqual([after.length, after[9]?.type], [10, 'result']);
    const followed = (await follower.ended).stdout.trim().split('\n');
    assert.deepEqual(
      followed.map((line) => JSON.parse(line) as AgentEvent),
      after.slice(5),
    );
  });

  it('print what they say while a person waits, and end with their exit code', async () => {
    const result = await home.bgjobs(['agent', 'claude', '--wait', '--', 'x']);
    assert.equal(result.code, 0);
    assert.match(result.stdout, /^Claude Code 2\.1\.329, .*\n… First the tests\.\nI run the tests\.\n\$ npm test\n/);
    assert.match(result.stdout, /\n= completed, \$0\.13, 25 tokens in and 35 out\n$/);
    const { shortId } = (await home.json<{ jobs: Job[] }>(['list', '--limit', '1'])).jobs[0] ?? { shortId: '' };
    assert.equal((await home.bgjobs(['agent-events', shortId])).stdout, result.stdout);
  });

  it('are continued in the same folder, session and environment, by the id that the agent reported', async () => {
    const first = await home.json<Job>(
      ['agent', 'claude', '--name', 'fixer', '--session', 'team', '--env', 'MODE=a', '--', 'one', '--allow', 'x'],
      { env: { AGENT_ARGUMENTS: recording() } },
    );
    await home.ended(first.id);
    const file = recording();
    const second = await home.json<Job>(['continue', first.shortId, '--', prompt], {
      cwd: '/',
      env: { AGENT_ARGUMENTS: file },
    });
    await home.ended(second.id);
    const session = '5d2f6d0a-6a3c-4b52-9d0e-0f5b8a3c7e11';
    const expected = ['-p', '--output-format', 'stream-json', '--verbose', '--resume', session, '--allow', 'x'];
    assert.deepEqual(recorded(file), [...expected, '--', prompt]);
    assert.notEqual(second.id, first.id);
    assert.deepEqual([second.codingAgent?.continues, second.codingAgent?.sessionId], [first.id, session]);
    const same = ({ name, session: group, cwd, options }: Job) => [name, group, cwd, options.env];
    assert.deepEqual(same(second), same(first));

    const other = recording();
    const third = await home.json<Job>(['continue', second.id, '--model', 'm', '--', 'three', '--plan'], {
      env: { AGENT_ARGUMENTS: other },
    });
    await home.ended(third.id);
    const status = (await home.bgjobs(['status', third.id])).stdout;
    assert.match(status, new RegExp(`^Coding agent +claude, m, continues ${second.shortId}$`, 'm'));
    assert.deepEqual(recorded(other).slice(4), ['--resume', session, '--model', 'm', '--plan', '--', 'three']);
  });

  it('are continued after they were killed, Copilot by the id that it was given', async () => {
    for (const [agent, resume] of [
      ['codex', /^resume 0199a213-81c0-7800-8aa1-bbab2a035a53$/],
      ['copilot', /^--resume=[0-9a-f-]{36}$/],
    ] as const) {
      const first = await home.json<Job>(['agent', agent, '--', 'one'], { env: { AGENT_GATE: gate() } });
      await until('it has begun', async () => ((await events(first.id)).events.length > 1 ? true : undefined));
      const busy = await home.error(4, ['continue', first.id, '--', 'two']);
      assert.equal(busy.code, 'invalid_state');
      await home.json(['kill', first.id]);
      const second = await home.json<Job>(['continue', first.id, '--', 'two']);
      assert.ok(
        second.argv?.some((word, index) => resume.test(word) || resume.test(`${word} ${second.argv?.[index + 1]}`)),
      );
      if (agent === 'copilot') assert.equal(second.codingAgent?.sessionId, first.codingAgent?.sessionId);
      await home.ended(second.id);
    }
  });

  it('are returned instead of started twice, also when each start has a session of its own', async () => {
    const path = gate();
    const start = async (prompt: string) =>
      (await home.bgjobs(['agent', 'copilot', '--unless-running', '--', prompt], { env: { AGENT_GATE: path } })).stdout;
    const [id = ''] = (await start('x')).split(' ');
    assert.match(await start('x'), new RegExp(`^${id} running \\(already existed\\)`));
    const [other = ''] = (await start('y')).split(' ');
    assert.notEqual(other, id);
    for (const each of [id, other]) await home.json(['kill', each]);
  });

  it('cannot be continued when no run has begun a session, whoever has chosen its id', async () => {
    const later = ['agent', 'copilot', '--at', '1h'];
    const cancelled = await home.json<Job>([...later, '--', 'x']);
    const resumed = await home.json<Job>([...later, '--resume', 'known', '--', 'x']);
    for (const { id } of [cancelled, resumed]) await home.json(['kill', id]);
    const followed = await home.bgjobs(['agent-events', cancelled.id, '--follow']);
    assert.deepEqual([followed.code, followed.stdout], [0, '']);
    const missing = await home.json<Job>(['agent', 'copilot', '--env', 'PATH=/nonexistent', '--', 'x']);
    await home.ended(missing.id);
    for (const { id } of [cancelled, missing]) {
      assert.match((await home.error(4, ['continue', id, '--', 'y'])).message, /reported no session id/);
    }
    assert.ok((await home.json<Job>(['continue', resumed.id, '--', 'y'])).argv?.includes('--resume=known'));
  });

  it('say why a job cannot be continued, or has no events', async () => {
    const plain = await home.run(['--', 'true']);
    await home.ended(plain.id);
    assert.match((await home.error(4, ['continue', plain.id, '--', 'x'])).message, /does not run a coding agent/);
    assert.equal((await home.error(2, ['agent-events', plain.id])).code, 'invalid_request');

    const missing = await home.json<Job>(['agent', 'claude', '--env', 'PATH=/nonexistent', '--', 'x']);
    const ended = await home.ended(missing.id);
    assert.equal(ended.error?.code, 'command_not_found');
    assert.match((await home.error(4, ['continue', missing.id, '--', 'x'])).message, /reported no session id/);
    assert.equal((await home.error(3, ['continue', 'ffffffff', '--', 'x'])).code, 'job_not_found');
    assert.equal((await home.error(2, ['agent', 'other', '--', 'x'])).code, 'invalid_request');
    assert.equal((await home.error(2, ['agent', 'claude'])).code, 'invalid_request');
    assert.equal((await home.error(2, ['agent', 'claude', '--resume', '-x', '--', 'x'])).code, 'invalid_request');
  });
});
