import * as vscode from 'vscode';
import { BgJobsError } from '../../protocol/errors.ts';
import type { Job } from '../../protocol/job.ts';
import type { App } from '../commands/app.ts';
import { t } from '../l10n.ts';
import { cannotRun } from '../start/fill.ts';
import { startJob, type JobStart } from '../start/startJob.ts';
import { JobsOfTasks } from './jobsOfTasks.ts';
import { JobTerminal } from './jobTerminal.ts';
import { taskStart, type JobTask } from './taskStart.ts';

/** Runs tasks as jobs. */
export class TaskRunner {
  readonly #app: App;
  readonly #jobs: JobsOfTasks;

  constructor(app: App) {
    this.#app = app;
    this.#jobs = new JobsOfTasks(app.context.workspaceState);
  }

  terminalOf({ scope, ...task }: Omit<JobTask, 'folder'> & { scope: vscode.Task['scope'] }): vscode.Pseudoterminal {
    const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
    const key = JSON.stringify([folder?.uri.toString(), task.name, task.definition]);
    return new JobTerminal({
      app: this.#app,
      start: () => {
        if (!folder) throw new BgJobsError('invalid_request', cannotRun(task.name, t('it belongs to no folder')));
        return this.#start(key, () => taskStart({ ...task, folder }));
      },
      onRelease: (jobId) => this.#jobs.hide(jobId),
    });
  }

  async #start(key: string, prepare: () => Promise<JobStart | undefined>): Promise<Job | undefined> {
    const left = await this.#jobs.leftOf(key, await this.#app.connection.need());
    const start = left ? undefined : await prepare();
    const job = left ?? (start && (await startJob(this.#app, start)));
    if (job) await this.#jobs.show(key, job.id);
    return job;
  }
}
