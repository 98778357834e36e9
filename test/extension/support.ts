import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Extension } from '../../src/extension/app/extension.ts';
import { commands } from '../../src/extension/base/ids.ts';
import type { JobService } from '../../src/api/endpoints.ts';
import type { Job } from '../../src/api/job.ts';
import type { StartRequest } from '../../src/api/options.ts';
import { isEnded } from '../../src/api/values.ts';
import { until } from '../helpers/until.ts';

/** What the running extension lets tests look at. */
export async function extension(): Promise<Extension> {
  const found = vscode.extensions.getExtension<Extension>('background-jobs.background-jobs');
  assert.ok(found, 'VS Code does not know the extension');
  return found.activate();
}

/** The host that the extension talks to. */
export async function service(): Promise<JobService> {
  return (await extension()).connection.need();
}

/** The BGJOBS_HOME of this run. */
export function home(): string {
  const folder = process.env['BGJOBS_HOME'];
  assert.ok(folder, 'the tests have a store of their own');
  return folder;
}

export function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder);
  return folder.uri.fsPath;
}

/** By the command of the palette, with nothing left to ask. */
export async function start(request: Partial<StartRequest>): Promise<Job> {
  const job = await vscode.commands.executeCommand<Job | undefined>(commands.start, request);
  assert.ok(job, 'the command has started no job');
  return job;
}

/** Waits until the extension itself knows the job so. */
export async function untilKnown(id: string, what: string, holds: (job: Job) => boolean): Promise<Job> {
  const { model } = await extension();
  return until(`the job is ${what}`, () => {
    const job = model.job(id);
    return job && holds(job) ? job : undefined;
  });
}

export function untilEnded(id: string): Promise<Job> {
  return untilKnown(id, 'ended', ({ status }) => isEnded(status));
}

export function untilRunning(id: string): Promise<Job> {
  return untilKnown(id, 'running', ({ status }) => status === 'running');
}

/** Ends and removes whatever a test has left. */
export async function removeAllJobs(): Promise<void> {
  const host = await service();
  await host.killJobs({ all: true, signal: 'SIGKILL' });
  await host.cleanUp();
  // What stays is held, or has processes that outlive it.
  for (const { id, status } of (await host.listJobs()).jobs) {
    if (isEnded(status)) await host.killJob(id, { signal: 'SIGKILL' });
    await host.removeJob(id);
  }
  const { model } = await extension();
  await until('the tree is empty', () => model.sessions().length === 0 || undefined);
}
