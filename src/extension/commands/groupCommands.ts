import type { Job } from '../../api/job.ts';
import { failedStatuses, isActive, isWaiting } from '../../api/values.ts';
import { jobTitle } from '../../text/grammar.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { number, t } from '../base/l10n.ts';
import type { GroupKind } from '../model/groups.ts';
import { confirms, inform, killAll, onEach, removeAll } from './acting.ts';
import { givenNodes, isNode, pickSession, trusted, type App, type Handler } from './app.ts';

/** More than this are restarted only after a question. */
const manyRestarts = 10;
/** Maximum page size of the host. */
const most = 1000;

/** The session of the group that a menu was opened on, or the one that the person picks. */
async function groupSession(app: App, [given]: unknown[], kind: GroupKind, title: string): Promise<string | undefined> {
  if (isNode(given) && given.type === 'group') return given.session;
  const { model } = app;
  const sessions = model.sessions().filter((session) => model.total(session, kind) > 0);
  const own = app.session();
  if (typeof given !== 'string' && sessions.length === 1 && sessions[0] === own) return own;
  return pickSession(app, given, sessions, { title, none: t('There are no jobs.') });
}

export const clearFinished: Handler = async (app, args) => {
  const service = await app.connection.need();
  const session = await groupSession(app, args, 'finished', t('Clear Finished Jobs'));
  if (session === undefined) return undefined;
  const { cleaned } = await service.cleanUp({ session, dryRun: true });
  if (cleaned === 0) return inform(t('No finished jobs to remove. Pinned jobs are kept.'));
  const question = t('Remove finished jobs of session "{0}" and their logs ({1})?', session, number(cleaned));
  const detail = t("Pinned jobs are kept. You can't undo this.");
  if (typeof args[0] !== 'string' && !(await confirms(question, t('Remove'), detail))) return undefined;
  return service.cleanUp({ session });
};

/** Of a group; from the palette those of the session that the person picks. */
export const restartAllFailed = trusted(async (app, args) => {
  const service = await app.connection.need();
  const title = t('Restart Failed Jobs');
  const session = await groupSession(app, args, 'finished', title);
  if (session === undefined) return [];
  const [node] = args;
  const isNew = isNode(node) && node.type === 'group' && node.kind === 'failed';
  const jobs = isNew
    ? app.model.unseen(session)
    : (await service.listJobs({ session, status: failedStatuses.join(','), order: 'ended', limit: most })).jobs;
  if (jobs.length === 0) return inform(t('No failed jobs.'));
  const question = t('Restart {0} failed jobs?', number(jobs.length));
  if (jobs.length > manyRestarts && !(await confirms(question, t('Restart')))) return [];
  return onEach(jobs, ({ id }) => service.restartJob(id, { inheritEnv: jobEnvironment(process.env) }));
}, []);

export const stopRunning: Handler = (app, args) =>
  endGroup(app, args, {
    kind: 'running',
    title: t('Stop All Running Jobs'),
    question: (session, jobs) => t('Stop running jobs in session "{0}" ({1})?', session, number(jobs)),
    yes: t('Stop All'),
    holds: ({ status }) => isActive(status),
  });

/** Held jobs stay: nothing starts them. */
export const cancelWaiting: Handler = (app, args) =>
  endGroup(app, args, {
    kind: 'waiting',
    title: t('Cancel All Waiting Jobs'),
    question: (session, jobs) => t('Cancel waiting jobs in session "{0}" ({1})?', session, number(jobs)),
    yes: t('Cancel All'),
    holds: ({ status }) => isWaiting(status) && status !== 'held',
  });

interface GroupEnd {
  kind: GroupKind;
  title: string;
  question: (session: string, jobs: number) => string;
  yes: string;
  holds: (job: Job) => boolean;
}

async function endGroup(app: App, args: unknown[], { kind, title, question, yes, holds }: GroupEnd): Promise<unknown> {
  const service = await app.connection.need();
  const session = await groupSession(app, args, kind, title);
  if (session === undefined) return [];
  const those = (): Job[] => app.model.jobs().filter((job) => job.session === session && holds(job));
  const jobs = those();
  if (jobs.length === 0) return inform(t('There are no jobs.'));
  if (typeof args[0] !== 'string' && !(await confirms(question(session, jobs.length), yes))) return [];
  // Those that have ended meanwhile need nothing.
  const chosen = new Set(jobs.map(({ id }) => id));
  return killAll(app, { service, jobs: those().filter(({ id }) => chosen.has(id)) }, 'SIGTERM');
}

/** The key Delete: ends what runs or waits, and removes what has ended. */
export const removeOrStop: Handler = async (app, [first, second]) => {
  const nodes = (await givenNodes(app, first, second)) ?? app.selection();
  const [node] = nodes;
  if (node?.type === 'group' && node.kind === 'finished') return clearFinished(app, [node]);
  const jobs = nodes.flatMap((one) => (one.type === 'job' ? (app.model.job(one.id) ?? []) : []));
  const ending = jobs.filter(({ status }) => isActive(status) || (isWaiting(status) && status !== 'held'));
  const [only] = ending;
  const service = await app.connection.need();
  if (!only) return removeAll(service, jobs, true);
  const question = ending.length === 1 ? t('Stop "{0}"?', jobTitle(only)) : t('Stop {0} jobs?', number(ending.length));
  return (await confirms(question, t('Stop'))) ? killAll(app, { service, jobs: ending }, 'SIGTERM') : undefined;
};

export const markSeen: Handler = (app) => {
  app.markSeen();
  return Promise.resolve();
};
