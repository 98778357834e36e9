import * as vscode from 'vscode';
import type { MoveRequest } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { t } from '../base/l10n.ts';
import { hasPlace, movesOf } from '../model/groups.ts';
import { requireTrust } from '../base/trust.ts';
import { type Handler, targets, onEach } from './app.ts';

export const moveUp: Handler = (app, args) => move('up')(app, args);
export const moveDown: Handler = (app, args) => move('down')(app, args);
export const moveFirst: Handler = (app, args) => move('first')(app, args);
export const moveLast: Handler = (app, args) => move('last')(app, args);

/** Several jobs keep their relative order. */
function move(to: MoveRequest['to']): Handler {
  return async (app, args) => {
    const none = t('No jobs in the queue.');
    const { service, jobs } = await targets(app, args, { flag: 'move', title: t('Move in Queue'), none });
    const queue = await service.getQueue();
    const moved: Job[] = [];
    for (const [session, selected] of Map.groupBy(jobs, (job) => job.session)) {
      const order = queue.jobs.filter((job) => job.session === session && hasPlace(job)).map(({ id }) => id);
      const ids = movesOf(
        order,
        selected.map(({ id }) => id),
        to,
      );
      for (const id of ids) moved.push(await service.moveJob(id, { to }));
    }
    app.queue.take(await service.getQueue());
    return moved;
  };
}

/** After an id, the priority can be passed. */
export const changePriority: Handler = async (app, args) => {
  const question = { flag: 'priority', title: t('Change Priority'), none: t('No waiting jobs.') } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  if (jobs.length === 0) return [];
  const priority = byId && typeof args[1] === 'number' ? args[1] : await pickPriority(jobs);
  return priority === undefined ? [] : onEach(jobs, (job) => service.updateJob(job.id, { priority }));
};

async function pickPriority(jobs: readonly Job[]): Promise<number | undefined> {
  const items = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((priority) => ({
    label: String(priority),
    description: [
      priority === 10 ? t('highest') : priority === 5 ? t('default') : '',
      jobs.every((job) => job.priority === priority) ? t('current') : '',
    ]
      .filter((part) => part !== '')
      .join(' · '),
    priority,
  }));
  return (await vscode.window.showQuickPick(items, { title: t('Change Priority') }))?.priority;
}

export const pauseQueue: Handler = async (app) => {
  const service = await app.connection.need();
  return app.queue.take(await service.pauseQueue());
};

export const resumeQueue: Handler = async (app) => {
  if (!(await requireTrust())) return;
  const service = await app.connection.need();
  return app.queue.take(await service.resumeQueue());
};
