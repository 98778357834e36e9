import * as z from 'zod';
import type { Job, Run } from '../../api/job.ts';
import { output, type Output, outputQuery } from '../../api/output.ts';
import { isEnded } from '../../api/values.ts';
import * as field from './fields.ts';
import { logPaths, lookAtOutput } from './firstOutput.ts';
import { jobSentence, lines } from './sentences.ts';
import { defineTool, type ToolContext } from './tool.ts';

const usualTail = 100;
const { shape } = outputQuery;

export const getJobOutput = defineTool({
  name: 'get_job_output',
  title: 'Read background job output',
  description:
    'Read the output (log, stdout, stderr) of a background job: the last 100 lines by default, running or finished. ' +
    'With since (the cursor of an earlier answer) only what is new; with grep only matching lines of all of it. ' +
    'Always answers with a cursor for the next call and the path of the full log.',
  input: z.strictObject({
    id: field.id,
    since: z.int().min(0).optional().meta({
      description: 'Cursor of an earlier answer, with its run: only what came after it; 0: from the beginning',
    }),
    tail: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: `The last N lines (${usualTail}, when neither since nor grep is given)` }),
    stream: shape.stream,
    grep: shape.grep.meta({ description: 'Only lines that match this regular expression (RE2 syntax)' }),
    run: z.int().min(1).optional().meta({ description: 'Of this run (the current one)' }),
    maxChars: field.maxChars(10_000),
  }),
  output: output.extend({ logs: z.array(z.string()) }),
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ id, maxChars, ...asked }, context) {
    const job = await context.service.getJob(id);
    const isPlain = asked.since === undefined && asked.grep === undefined && asked.tail === undefined;
    const query = isPlain ? { ...asked, tail: usualTail } : asked;
    const look = await lookAtOutput(context, job, query, Math.min(maxChars, context.maxChars));
    const run = job.runs.find(({ number }) => number === (asked.run ?? job.run));
    const nothing = asked.grep === undefined ? 'There is nothing new.' : 'No line matches.';
    return {
      text: lines(
        jobSentence(job),
        look.text === '' ? nothing : look.text,
        whatComes(job, run, look.output, context),
        logPaths(run),
      ),
      data: { ...look.output, logs: run ? [run.logs.stdout, run.logs.stderr].filter((path) => path !== null) : [] },
    };
  },
});

/** A cursor is one of a run: with that of another run it would leave out what it has not read. */
function whatComes(job: Job, run: Run | undefined, { next, more }: Output, { toolName }: ToolContext): string {
  const again = `${toolName('get_job_output')} with ${run ? `run ${run.number}, ` : ''}since ${next}`;
  if (more) return `More is there: call ${again}.`;
  if (!run || !isEnded(run.status)) {
    return `Cursor: ${next}. For what comes: ${again}, or ${toolName('wait_for_job')}.`;
  }
  if (run.number !== job.run) {
    return `This is the end of run ${run.number}. Next: ${toolName('get_job_output')} with run ${run.number + 1}, since 0.`;
  }
  if (isEnded(job.status)) return `This is the end of its output. Cursor: ${next}.`;
  return `This is the end of run ${run.number}. For the next one: ${toolName('wait_for_job')}.`;
}
