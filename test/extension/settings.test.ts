import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { defaultSettings, type Settings } from '../../src/api/host.ts';
import { until } from '../helpers/until.ts';
import { service } from './support.ts';

describe('The settings', () => {
  const set = (name: string, value: number | string[] | Record<string, number> | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration('backgroundJobs').update(name, value, vscode.ConfigurationTarget.Global);

  async function untilHostHas(expected: Partial<Settings>): Promise<void> {
    const host = await service();
    await until(`the host has ${JSON.stringify(expected)}`, async () => {
      const { settings } = await host.getHost();
      const has = Object.entries(expected).every(([name, value]) => settings[name as keyof Settings] === value);
      return has || undefined;
    });
  }

  it('that the user sets reach the host, and its default when they are taken back', async () => {
    await set('maxConcurrentJobs', 3);
    await set('keepFinishedDays', 2);
    await untilHostHas({ maxConcurrentJobs: 3, keepFinishedMs: 2 * 24 * 3_600_000 });
    await set('maxConcurrentJobs', undefined);
    await set('keepFinishedDays', undefined);
    await untilHostHas({
      maxConcurrentJobs: defaultSettings.maxConcurrentJobs,
      keepFinishedMs: defaultSettings.keepFinishedMs,
    });
  });

  it('that the user has not set leave the host as others have set it', async () => {
    const host = await service();
    await host.updateHost({ jobTimeoutMs: 123_000 });
    await set('maxConcurrentJobsPerSession', 4);
    await untilHostHas({ maxConcurrentJobsPerSession: 4 });
    assert.equal((await host.getHost()).settings.jobTimeoutMs, 123_000);
    await host.updateHost({ jobTimeoutMs: 0 });
    await set('maxConcurrentJobsPerSession', undefined);
    await untilHostHas({ maxConcurrentJobsPerSession: defaultSettings.maxConcurrentJobsPerSession });
  });

  it('that limit single sessions leave alone what others have set for others', async () => {
    const host = await service();
    const untilLimits = (expected: Record<string, number>) =>
      until(`the limits ${JSON.stringify(expected)}`, async () => {
        const { sessionLimits } = (await host.getHost()).limits;
        return isDeepStrictEqual(sessionLimits, expected) || undefined;
      });
    await host.updateHost({ sessionLimits: { cli: 2 } });
    await set('sessionLimits', { web: 1, shop: 3 });
    await untilLimits({ cli: 2, web: 1, shop: 3 });
    await set('sessionLimits', { shop: 4 });
    await untilLimits({ cli: 2, shop: 4 });
    await set('sessionLimits', undefined);
    await untilLimits({ cli: 2 });
    await host.updateHost({ sessionLimits: { cli: null } });
  });

  it('that deny commands to agents hold for every agent, wherever it asks', async () => {
    const host = await service();
    const start = { command: 'echo "$(shutdown now)"', cwd: '/', session: 'cli', actor: 'agent' } as const;
    await set('agents.deny', ['shutdown']);
    try {
      await until('the host refuses it', async () => {
        try {
          const { job } = await host.startJob({ ...start, held: true });
          await host.removeJob(job.id);
          return undefined;
        } catch (error) {
          assert.match(String(error), /"shutdown"/);
          return true;
        }
      });
    } finally {
      await set('agents.deny', undefined);
    }
    await until('it is allowed again', async () => (await host.getHost()).settings.agentDeny.length === 0 || undefined);
  });
});
