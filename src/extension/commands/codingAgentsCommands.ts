import { t } from '../base/l10n.ts';
import { jobEnvironment } from '../base/jobStart.ts';
import { askAgent, askPrompt } from '../start/agentPick.ts';
import { pickFolder } from '../start/startFolder.ts';
import { startJob } from '../host/startJob.ts';
import { requireTrust } from '../base/trust.ts';
import { jobTitle } from '../../text/grammar.ts';
import type { Handler } from './app.ts';
import { targets } from './targets.ts';

export const startAgent: Handler = async (app) => {
  if (!(await requireTrust())) return;
  const codingAgent = await askAgent(app.context.workspaceState);
  if (!codingAgent) return;
  const cwd = await pickFolder();
  if (cwd === undefined) return;
  const job = await startJob(app, { request: { codingAgent, cwd } });
  await app.reveal(job.id);
  return job;
};

/** The prompt can be given behind an id; then nothing is asked. */
export const continueAgent: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const question = {
    flag: 'continue',
    title: t('Continue a Coding Agent'),
    none: t('No job of a coding agent has ended.'),
  } as const;
  const { service, jobs, byId } = await targets(app, args, question);
  const [job] = jobs;
  if (!job) return;
  const prompt = byId && typeof args[1] === 'string' ? args[1] : await askPrompt(jobTitle(job));
  if (prompt === undefined) return;
  const next = await service.continueJob(job.id, { prompt, inheritEnv: jobEnvironment(process.env) });
  await app.reveal(next.id);
  return next;
};
