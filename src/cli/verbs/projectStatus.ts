import { resolve } from 'node:path';
import type { Job } from '../../api/job.ts';
import { composeBundle } from '../../bundles.ts';
import type * as Compose from '../../compose/main.ts';
import { capitalized, oneLine } from '../../text/grammar.ts';
import { stateWord, terminalWording, waitingText } from '../../text/stateText.ts';
import { answer, usageError, type Context, type Json } from '../base/context.ts';
import { statusStyle, table } from '../base/table.ts';

export interface FileOptions extends Json {
  file?: string;
}

/** The jobs of the file in this folder. */
export async function showProject(context: Context, { json, file: given }: FileOptions): Promise<void> {
  const { statusOf, ...compose } = await loadCompose();
  const found = given === undefined ? compose.findProject(context.cwd) : resolve(context.cwd, given);
  if (found === undefined) throw usageError(`specify the id of a job: ${noFile(context)}`);
  const project = compose.readProject(found, context.env);
  const jobs = await statusOf(await context.connect(), project);
  const { session, file, differences } = project;
  await answer(context, { json }, { session, file, jobs, differences }, () => {
    const rows = jobs.map(({ name, profiles, changed, job }) => {
      const why = job ? waitingReason(job) : '';
      const profile = !job && profiles.length > 0 ? `only with --profile ${profiles.join(' or ')}` : '';
      const notes = [why, profile, changed ? changedText : ''];
      return [name, ...stateCells(job), oneLine(notes.filter((part) => part !== '').join('; '))];
    });
    return `${file}, session ${session}\n${table(context, ['JOB', 'ID', 'STATUS', ''], rows)}`;
  });
}

export async function loadCompose(): Promise<typeof Compose> {
  return (await import(composeBundle())) as typeof Compose;
}

export function fileOf(
  context: Context,
  { findProject }: Pick<typeof Compose, 'findProject'>,
  { file }: FileOptions,
): string {
  const found = file === undefined ? findProject(context.cwd) : resolve(context.cwd, file);
  if (found !== undefined) return found;
  throw usageError(`${noFile(context)}. Write one, or name a file with --file.`);
}

function noFile({ cwd }: Context): string {
  return `there is no bgjobs.yaml, process-compose.yaml or Procfile in ${cwd} or above it`;
}

export const changedText = 'runs as it was before the file was changed (see --restart-changed)';

export function stateCells(job: Job | null) {
  if (!job) return ['', ''];
  return [job.shortId, [stateWord(job, Date.now()), statusStyle[job.status]] as const];
}

export function waitingReason(job: Job): string {
  return capitalized(waitingText(job, terminalWording(Date.now())));
}
