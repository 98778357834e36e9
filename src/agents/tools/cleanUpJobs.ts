import * as z from 'zod';
import { cleanupRequest, cleanupResult } from '../../api/control.ts';
import { plural } from '../../text/grammar.ts';
import { defineTool, type ToolContext } from './tool.ts';

const { shape } = cleanupRequest;

const input = z.strictObject({
  olderThanMs: shape.olderThanMs,
  keep: shape.keep,
  status: shape.status,
  session: shape.session.meta({ description: 'Of this group (the one of this workspace)' }),
  allSessions: z.boolean().default(false).meta({ description: 'Of every group' }),
  dryRun: shape.dryRun.meta({ description: 'Only tell how many it would be' }),
});

export const cleanUpJobs = defineTool({
  name: 'cleanup_jobs',
  title: 'Clean up background jobs',
  description:
    'Clean up: remove finished background jobs and their logs, by age, count, status or session. ' +
    'Running and waiting jobs are never touched. Tells how many were removed and how many remain.',
  input,
  output: cleanupResult,
  hints: { readOnly: false, destructive: true, idempotent: true },
  question: (given, context) => {
    if (given.dryRun) return null;
    const { status = null, olderThanMs = null, keep = null } = given;
    return { kind: 'cleanup', status, session: sessionOf(given, context) ?? null, olderThanMs, keep };
  },
  async run(given, context) {
    const { allSessions: _allSessions, session: _session, ...rest } = given;
    const session = sessionOf(given, context);
    const result = await context.service.cleanUp({ ...rest, ...(session !== undefined && { session }) });
    const did = given.dryRun ? 'would be removed' : 'removed';
    const of = session === undefined ? '' : ` of session ${session}`;
    return { text: `${plural(result.cleaned, 'finished job')}${of} ${did}, ${result.remaining} remain.`, data: result };
  },
});

function sessionOf(given: z.output<typeof input>, context: Pick<ToolContext, 'session'>): string | undefined {
  return given.allSessions ? undefined : (given.session ?? context.session);
}
