import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AgentEventReader } from '../../../../src/agents/coding/eventReader.ts';
import { escapeMarkdown } from '../../../../src/extension/base/readableText.ts';
import { jobTooltip } from '../../../../src/extension/view/jobItem.ts';
import { english } from '../../../../src/text/grammar.ts';
import { recordedStream, runEnd } from '../../../helpers/codingAgents.ts';
import { jobRecord, runRecord } from '../jobs.ts';

describe('The tooltip of a job', () => {
  it('says everything that is known', () => {
    const job = jobRecord('failed', {
      name: 'build',
      exitCode: 3,
      tags: { team: 'web' },
      pinned: true,
      leftovers: [{ pid: 12, command: 'sleep 600' }],
    });
    job.runs = [runRecord(job, { stdoutBytes: 2048, stderrBytes: 10, droppedBytes: 512 })];
    const text = jobTooltip(job, 0, english).replaceAll('\\', '');
    for (const part of [
      '**build**',
      '```\nmake all\n```',
      'Status: failed (exit code 3) after 1.5s, 1 process remains',
      'Remains: 12 sleep 600',
      'Session: shop',
      '2.0 KiB stdout, 10 B stderr, 512 B dropped by the log limit',
      'Tags: team=web',
      'Pinned: yes',
      `ID: ${job.id}`,
    ]) {
      assert.ok(text.includes(part), `${part} is not in\n${text}`);
    }
  });

  it('shows the progress and the expected end', () => {
    const progress = { percent: 45, done: null, total: null, text: 'outer  45%|███   | 9' };
    const now = Date.parse('2026-01-02T17:00:00.000Z');
    const job = jobRecord('running', { progress, expectedEnd: new Date(now + 90_000).toISOString() });
    const text = jobTooltip({ ...job, startedAt: new Date(now - 5000).toISOString() }, now, english).replaceAll(
      '\\',
      '',
    );
    assert.match(
      text,
      /^Status: running for 5s, pid 4711, 45%, about 1m 30s left {2}\nProgress: outer 45%\|███ \| 9 {2}$/m,
    );
    assert.match(text, /^Expected end: at .* \(in 1m 30s\) {2}$/m);
  });

  it('shows the result of a coding agent', () => {
    const codingAgent = { name: 'codex', prompt: 'x', model: 'm', arguments: [], sessionId: null } as const;
    const continues = '5d2f6d0a-6a3c-4b52-9d0e-0f5b8a3c7e11';
    const job = jobRecord('completed', { codingAgent: { ...codingAgent, arguments: [], continues } });
    const reader = new AgentEventReader('codex');
    const text = `${recordedStream('codex').trimEnd().split('\n').at(-1)}\n`;
    const [result] = [...reader.feed({ text, time: job.createdAt, offset: 0, length: 1 }), ...reader.end(runEnd())];
    assert.ok(result);
    const shown = jobTooltip(job, 0, english, undefined, {
      result: { ...result, text: 'All done.' },
      session: result,
    }).replaceAll('\\', '');
    assert.match(
      shown,
      /^Coding agent: codex, m, continues 5d2f6d0a {2}\nResult: completed, 30 tokens in and 9 out {2}\nSpent in the session: 30 tokens in and 9 out {2}\n/m,
    );
    assert.match(shown, /^Answer: All done\. {2}$/m);
  });

  it('shows its resource limits and its usage', () => {
    const job = jobRecord('running');
    job.options.limits = { memoryBytes: 512 * 1024 ** 2, nice: 10 };
    const text = jobTooltip(job, 0, english).replaceAll('\\', '');
    assert.match(text, /^Memory limit: 512\.0 MiB {2}\nNice value: 10 {2}$/m);
    const ended = jobRecord('completed');
    ended.options.limits = { memoryBytes: 512 * 1024 ** 2 };
    ended.runs = [runRecord(ended, { maxMemoryBytes: 3 * 1024 ** 2 })];
    assert.match(jobTooltip(ended, 0, english).replaceAll('\\', ''), /^Run 1: .*, peak memory 3\.0 MiB {2}$/m);
  });

  it('says whether it is ready, and where', () => {
    const job = jobRecord('running', { ready: true, readyText: 'up on 1', url: 'http://localhost:1/' });
    const text = jobTooltip(job, 0, english).replaceAll('\\', '').replaceAll('&#58;', ':').replaceAll('&#47;', '/');
    assert.match(text, /^Ready: yes, up on 1 {2}\nURL: http:\/\/localhost:1\/ {2}$/m);
    assert.match(jobTooltip(jobRecord('running', { ready: false }), 0, english), /^Status: .*, not ready {2}$/m);
  });

  it('says what it depends on and what waits for it', () => {
    const build = jobRecord('running', { name: 'build' });
    const job = jobRecord('pending', {
      dependsOn: [
        { job: build.id, condition: 'succeeded' },
        { job: '0a1b2c3d-long', condition: 'ready' },
      ],
      waitingFor: { type: 'dependency', jobs: [{ jobId: build.id, condition: 'succeeded', status: 'running' }] },
    });
    const dependents = [jobRecord('pending', { name: 'deploy' }), jobRecord('held', { name: 'report' })];
    const text = jobTooltip(job, 0, english, { known: new Map([[build.id, build]]), dependents });
    const lines = text.replaceAll('\\', '').split('  \n');
    assert.ok(
      lines.some((line) => line.endsWith('Status: waits for build')),
      text,
    );
    assert.ok(lines.includes('Depends on: build (running) to succeed, 0a1b2c3d to be ready'), text);
    assert.ok(lines.includes('Jobs that wait for it: deploy, report'), text);
  });

  it('says of a schedule when it comes, and of its jobs what has made them', () => {
    const until = '2026-01-02T04:30:00.000Z';
    const schedule = jobRecord('scheduled', { name: 'nightly', dueAt: until, waitingFor: { type: 'time', until } });
    schedule.options = { ...schedule.options, cron: '30 4 * * 1-5', timeZone: 'Europe/Berlin' };
    const text = jobTooltip(schedule, 0, english).replaceAll('\\', '');
    assert.match(text, /^Schedule: 30 4 \* \* 1-5 \(Europe&#47;Berlin\) {2}$/m);
    assert.match(text, /^Status: next run at \S/m);
    const made = jobRecord('running', { schedule: schedule.id });
    const madeText = jobTooltip(made, 0, english, { known: new Map([[schedule.id, schedule]]), dependents: [] });
    assert.match(madeText, /^Created by the schedule: nightly {2}$/m);
  });

  it('says which attempt it is, and that none is left', () => {
    const job = jobRecord('failed', { attempt: 3, gaveUp: true });
    job.options.retry = { maxAttempts: 3, delayMs: 1, backoffFactor: 2, maxDelayMs: 10, jitter: 0 };
    assert.match(jobTooltip(job, 0, english), /^Status: failed .*, gave up after 3 attempts {2}$/m);
    assert.doesNotMatch(jobTooltip(jobRecord('completed'), 0, english), /attempt/);
  });

  it('escapes Markdown in the name', () => {
    const text = escapeMarkdown('[x](command:y) **b** <img> `c` https://a.test me@b.test &amp; a\n# b');
    assert.equal(
      text,
      '\\[x\\]\\(command&#58;y\\) \\*\\*b\\*\\* \\<img\\> \\`c\\` https&#58;&#47;&#47;a\\.test me&#64;b\\.test \\&amp; a \\# b',
    );
  });

  it('keeps a command with fences in its own block', () => {
    const text = jobTooltip(jobRecord('running', { command: 'cat <<X\n````\n# title\n````\nX' }), 0, english);
    assert.match(text, /\n`{5}\ncat <<X\n````\n# title\n````\nX\n`{5}\n/);
  });
});
