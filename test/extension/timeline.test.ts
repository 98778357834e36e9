import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ApiClient } from '../../src/client/apiClient.ts';
import { commands } from '../../src/extension/base/ids.ts';
import { until } from '../helpers/until.ts';
import { extension, removeAllJobs, service, start, untilEnded } from './support.ts';

describe('The timeline', () => {
  afterEach(removeAllJobs);

  it('asks the host for nothing and waits for nothing while it is hidden', async () => {
    const { connection } = await extension();
    const host = (await service()) as ApiClient;
    const folder = mkdtempSync(join(tmpdir(), 'bj-timeline-'));
    writeFileSync(join(folder, 'note.txt'), 'hidden');
    const requests: string[] = [];
    const timers: string[] = [];
    const spied = [...new Set([host, connection.service as ApiClient])].map((client) => spy(client, requests));
    const { setTimeout } = globalThis;
    globalThis.setTimeout = ((...args: Parameters<typeof setTimeout>) => {
      if (isOfTimeline()) timers.push(new Error().stack ?? '');
      return setTimeout(...args);
    }) as typeof setTimeout;
    try {
      await untilEnded((await start({ command: 'true', name: 'first' })).id);
      await vscode.commands.executeCommand(commands.showTimeline);
      await until('it has loaded', () => requests.includes('listJobs') || undefined);
      await untilEnded((await start({ command: 'true', name: 'second' })).id);
      await until('it has taken the change', () => timers.length > 0 || undefined);

      await vscode.window.showTextDocument(vscode.Uri.file(join(folder, 'note.txt')), { preview: false });
      await until('it is hidden', () => activeTab() === 'note.txt' || undefined);
      await untilEnded((await start({ command: 'true', name: 'third' })).id);
      requests.length = timers.length = 0;
      for (const name of ['fourth', 'fifth']) await untilEnded((await start({ command: 'exit 1', name })).id);
      assert.equal(timers.join(), '');
      assert.equal(requests.join(), '');

      await vscode.commands.executeCommand(commands.showTimeline);
      await until('it has loaded again', () => requests.includes('listJobs') || undefined);
    } finally {
      globalThis.setTimeout = setTimeout;
      for (const undo of spied) undo();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      rmSync(folder, { recursive: true });
    }
  });
});

function activeTab(): string | undefined {
  return vscode.window.tabGroups.activeTabGroup.activeTab?.label;
}

/** Notes the names of the requests that the timeline makes. @returns undoes it */
function spy(client: ApiClient, requests: string[]): () => void {
  const { listJobs, getHost } = client;
  const noted =
    <Given extends unknown[], Answer>(name: string, ask: (...args: Given) => Answer) =>
    (...args: Given): Answer => {
      if (isOfTimeline()) requests.push(name);
      return ask.apply(client, args);
    };
  Object.assign(client, { listJobs: noted('listJobs', listJobs), getHost: noted('getHost', getHost) });
  return () => Object.assign(client, { listJobs, getHost });
}

function isOfTimeline(): boolean {
  return /pages\.js|openTimeline/.test(new Error().stack ?? '');
}
