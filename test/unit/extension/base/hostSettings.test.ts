import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hostUpdate } from '../../../../src/extension/base/hostSettings.ts';
import { judge } from '../../../../src/agents/policy/judge.ts';

describe('What the host is told of the settings', () => {
  it('is nothing when the user has set nothing', () => {
    assert.deepEqual(
      hostUpdate(() => undefined),
      {},
    );
  });

  it('is what the user has set, in the units of the host', () => {
    const values: Record<string, number> = {
      maxConcurrentJobs: 0,
      jobTimeout: 90,
      keepFinishedDays: 0.5,
      keepLogMegabytes: 1,
      minFreeMemoryMegabytes: 512,
      maxLoadAverage: 4,
    };
    assert.deepEqual(
      hostUpdate((name) => values[name]),
      {
        maxConcurrentJobs: 0,
        jobTimeoutMs: 90_000,
        keepFinishedMs: 43_200_000,
        keepLogBytes: 1_048_576,
        minFreeMemoryBytes: 536_870_912,
        maxLoadAverage: 4,
      },
    );
  });

  it('contains the patterns as they were written, also those that are not text', () => {
    const update = (deny: unknown) => hostUpdate((name) => (name === 'agents.deny' ? deny : undefined));
    assert.deepEqual(update(['rm', '/x/i']), { agentDeny: ['rm', '/x/i'] });
    assert.deepEqual(update([]), { agentDeny: [] });
    for (const wrong of [{ rm: true }, ['rm', 7], null, [['rm']]]) {
      const { agentDeny = [] } = update(wrong);
      const { verdict, problem } = judge({ argv: ['true'] }, { allow: [], deny: agentDeny });
      assert.deepEqual([verdict, problem === undefined], ['deny', false], JSON.stringify(wrong));
    }
  });

  it('has the limits of single sessions, without those that are none', () => {
    const update = (limits: unknown) => hostUpdate((name) => (name === 'sessionLimits' ? limits : undefined));
    assert.deepEqual(update({ shop: 2, agent: 0, much: 10_001, few: -1, half: 0.5, word: '3' }), {
      sessionLimits: { shop: 2, agent: 0 },
    });
    assert.deepEqual(update({}), { sessionLimits: {} });
    assert.deepEqual(update([1]), {});
  });

  it('has the quotas, and removes those that are not set there any more', () => {
    const update = (name: string, set: unknown) => hostUpdate((setting) => (setting === name ? set : undefined));
    assert.deepEqual(update('quotas', { waitingJobs: 7, others: 3 }), {
      quotas: { waitingJobs: 7, jobsPerHour: null },
    });
    assert.deepEqual(update('quotasPerSession', {}), { quotasPerSession: { waitingJobs: null, jobsPerHour: null } });
    assert.deepEqual(update('sessionQuotas', { web: { waitingJobs: 0 }, shop: 3, api: { waitingJobs: -1 } }), {
      sessionQuotas: {
        web: { waitingJobs: 0, jobsPerHour: null },
        shop: null,
        api: { waitingJobs: null, jobsPerHour: null },
      },
    });
    assert.deepEqual(update('quotas', [1]), {});
  });

  it('leaves out what the host would refuse, and keeps the rest', () => {
    const values: Record<string, number> = { maxConcurrentJobs: -1, maxConcurrentJobsPerSession: 3 };
    assert.deepEqual(
      hostUpdate((name) => values[name]),
      { maxConcurrentJobsPerSession: 3 },
    );
  });
});
