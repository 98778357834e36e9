import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AgentEventReader } from '../../../../src/agents/coding/eventReader.ts';
import { escapeMarkdown } from '../../../../src/extension/base/readableText.ts';
import { namesIn } from '../../../../src/extension/view/jobItem.ts';
import { jobTooltip } from '../../../../src/extension/view/tooltip.ts';
import { english } from '../../../../src/text/grammar.ts';
import type { Job } from '../../../../src/api/job.ts';
import { editorWording, type NameOf } from '../../../../src/text/stateText.ts';
import { recordedStream, runEnd } from '../../../helpers/codingAgents.ts';
import { jobRecord } from '../jobs.ts';

const tooltip = (job: Job, about: Parameters<typeof jobTooltip>[2] = {}, now = 0): string =>
  jobTooltip(job, editorWording(english, now, nameOf(about)), about, ['/work/shop']).text.replaceAll('\\', '');

function nameOf({ relations }: NonNullable<Parameters<typeof jobTooltip>[2]>): NameOf {
  return namesIn({ job: (id) => relations?.known.get(id) ?? undefined });
}

describe('The tooltip of a job', () => {
  it('is short: name, command, how it ended and when, where, and what can be done', () => {
    const job = jobRecord('failed', {
      name: 'build',
      exitCode: 3,
      cwd: '/work/shop/web',
      tags: { team: 'web' },
      leftovers: [{ pid: 12, command: 'sleep 600' }],
    });
    const now = Date.parse(job.finishedAt!) + 125_000;
    const { text, enabledCommands } = jobTooltip(job, editorWording(english, now), {}, ['/work/shop']);
    const id = encodeURIComponent(JSON.stringify([job.id]));
    assert.equal(
      text.replaceAll('\\', ''),
      [
        '**build**',
        '```\nmake all\n```',
        'Failed (exit code 3) after 1.5s, 1 process remains · 2m ago  \nweb · session "shop"  \nTags: team=web  \n' +
          'Remains: 12 sleep 600',
        '---',
        `[Show Output](command:backgroundJobs.showOutput?${id}) · [Restart](command:backgroundJobs.restart?${id}) · ` +
          `[Copy ID](command:backgroundJobs.copyId?${id})`,
      ].join('\n\n'),
    );
    assert.deepEqual(enabledCommands, ['backgroundJobs.showOutput', 'backgroundJobs.restart', 'backgroundJobs.copyId']);
  });

  it('says of what has ended well how long it took', () => {
    assert.match(tooltip(jobRecord('completed')), /^Succeeded in 1\.5s · /m);
  });

  it('names the folder as a whole if it is not of the workspace', () => {
    assert.match(tooltip(jobRecord('running', { cwd: '/work/other' })), /^&#47;work&#47;other · session/m);
    assert.match(tooltip(jobRecord('running')), /^session "shop"$/m);
  });

  it('shows the progress and the expected end', () => {
    const progress = { percent: 45, done: null, total: null, text: 'outer  45%|███   | 9' };
    const now = Date.parse('2026-01-02T17:00:00.000Z');
    const job = jobRecord('running', { progress, expectedEnd: new Date(now + 90_000).toISOString() });
    const text = tooltip({ ...job, startedAt: new Date(now - 5000).toISOString() }, {}, now);
    assert.match(text, /^Running for 5s, pid 4711, 45%, about 1m 30s left {2}$/m);
    assert.match(text, /^Progress: outer 45%\|███ \| 9 {2}$/m);
    assert.match(text, /^Expected end: at .* \(in 1m 30s\)$/m);
  });

  it('shows the result of a coding agent', () => {
    const codingAgent = { name: 'codex', prompt: 'x', model: 'm', arguments: [], sessionId: null } as const;
    const continues = '5d2f6d0a-6a3c-4b52-9d0e-0f5b8a3c7e11';
    const job = jobRecord('completed', { codingAgent: { ...codingAgent, arguments: [], continues } });
    const reader = new AgentEventReader('codex');
    const text = `${recordedStream('codex').trimEnd().split('\n').at(-1)}\n`;
    const [result] = [...reader.feed({ text, time: job.createdAt, offset: 0, length: 1 }), ...reader.end(runEnd())];
    assert.ok(result);
    const outcome = { result: { ...result, text: 'All done.' }, session: result };
    const shown = tooltip(job, { outcome });
    assert.match(
      shown,
      /^Coding agent: codex, m, continues 5d2f6d0a {2}\nResult: completed, 30 tokens in and 9 out {2}\nSpent in the session: 30 tokens in and 9 out {2}\n/m,
    );
    assert.match(shown, /^Answer: All done\.$/m);
  });

  it('says whether it is ready, and where', () => {
    const job = jobRecord('running', { ready: true, readyText: 'up on 1', url: 'http://localhost:1/' });
    const text = tooltip(job).replaceAll('&#58;', ':').replaceAll('&#47;', '/');
    assert.match(text, /^Ready: yes, up on 1 {2}\nURL: http:\/\/localhost:1\/$/m);
    assert.match(tooltip(jobRecord('running', { ready: false })), /^Running .*, not ready {2}$/m);
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
    const text = tooltip(job, { relations: { known: new Map([[build.id, build]]), dependents } });
    assert.match(text, /^Waits for build {2}$/m);
    assert.match(text, /^Depends on: build \(running\) to succeed, 0a1b2c3d to be ready {2}$/m);
    assert.match(text, /^Jobs that wait for it: deploy, report$/m);
  });

  it('says of a schedule when it comes, and of its jobs what has made them', () => {
    const until = '2026-01-02T04:30:00.000Z';
    const schedule = jobRecord('scheduled', { name: 'nightly', dueAt: until, waitingFor: { type: 'time', until } });
    schedule.options = { ...schedule.options, cron: '30 4 * * 1-5', timeZone: 'Europe/Berlin' };
    const text = tooltip(schedule);
    assert.match(text, /^Schedule: 30 4 \* \* 1-5 \(Europe&#47;Berlin\)$/m);
    assert.match(text, /^Next run at \S/m);
    const made = jobRecord('running', { schedule: schedule.id });
    const madeText = tooltip(made, { relations: { known: new Map([[schedule.id, schedule]]), dependents: [] } });
    assert.match(madeText, /^Created by the schedule: nightly$/m);
  });

  it('says which attempt it is, and that none is left', () => {
    const job = jobRecord('failed', { attempt: 3, gaveUp: true });
    job.options.retry = { maxAttempts: 3, delayMs: 1, backoffFactor: 2, maxDelayMs: 10, jitter: 0 };
    assert.match(tooltip(job), /^Failed .*, gave up after 3 attempts · 0s ago {2}$/m);
    assert.doesNotMatch(tooltip(jobRecord('completed')), /attempt/);
  });

  it('escapes Markdown in the name', () => {
    const text = escapeMarkdown('[x](command:y) **b** <img> `c` https://a.test me@b.test &amp; a\n# b');
    assert.equal(
      text,
      '\\[x\\]\\(command&#58;y\\) \\*\\*b\\*\\* \\<img\\> \\`c\\` https&#58;&#47;&#47;a\\.test me&#64;b\\.test \\&amp; a \\# b',
    );
  });

  it('keeps a command with fences in its own block', () => {
    const text = tooltip(jobRecord('running', { command: 'cat <<X\n````\n# title\n````\nX' }));
    assert.match(text, /\n`{5}\ncat <<X\n````\n# title\n````\nX\n`{5}\n/);
  });
});
