import * as z from 'zod';
import type { Job, Run } from '../../api/job.ts';
import { output, type Output, outputQuery } from '../../api/output.ts';
import { isEnded } from '../../api/values.ts';
import * as field from './fields.ts';
import { logPaths, showOutput } from './toolOutput.ts';
import { jobSentence, lines } from './sentences.ts';
import { defineTool, type ToolContext } from './tool.ts';

const usualTail = 100;
const { shape } = outputQuery;

export const getJobOutput = defineTool({
  name: 'get_job_output',
  title: 'Read background job output',
  description:
    'Read the output (log, stdout, stderr) of a running or finished background job: the last 100 lines by default. ' +
    'With since (the cursor of an earlier answer), only new output; with grep, only matching lines of the whole log. ' +
    'Always returns a cursor for the next call and the path of the full log.',
  input: z.strictObject({
    id: field.id,
    since: z.int().min(0).optional().meta({
      description: 'Cursor of an earlier answer, with its run: only later output; 0: from the beginning',
    }),
    tail: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: `Last N lines (default: ${usualTail}, unless since or grep is given)` }),
    stream: shape.stream,
    grep: shape.grep.meta({ description: 'Only lines that match this regular expression (RE2 syntax)' }),
    run: z.int().min(1).optional().meta({ description: 'Run number (default: the current run)' }),
    maxChars: field.maxChars(10_000),
  }),
  output: output.extend({ logs: z.array(z.string()) }),
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ id, maxChars, ...asked }, context) {
    const job = await context.service.getJob(id);
    const isPlain = asked.since === undefined && asked.grep === undefined && asked.tail === undefined;
    const query = isPlain ? { ...asked, tail: usualTail } : asked;
    const shown = await showOutput(context, job, query, Math.min(maxChars, context.maxChars));
    const run = job.runs.find(({ number }) => number === (asked.run ?? job.run));
    const nothing = asked.grep === undefined ? 'No new output.' : 'No line matches.';
    return {
      text: lines(
        jobSentence(job),
        shown.text === '' ? nothing : shown.text,
        whatComes(job, run, shown.output, context),
        logPaths(run),
      ),
      data: { ...shown.output, logs: run ? [run.logs.stdout, run.logs.stderr].filter((path) => path !== null) : [] },
    };
  },
});

/** A cursor belongs to a run: used with another run, it would skip output that was not read. */
function whatComes(job: Job, run: Run | undefined, { next, more }: Output, { toolName }: ToolContext): string {
  const again = `${toolName('get_job_output')} with ${run ? `run ${run.number}, ` : ''}since ${next}`;
  if (more) return `More output is available: call ${again}.`;
  if (!run || !isEnded(run.status)) {
    return `Cursor: ${next}. For later output: ${again}, or ${toolName('wait_for_job')}.`;
  }
  if (run.number !== job.run) {
    return `This is the end of run ${run.number}. Next: ${toolName('get_job_output')} with run ${run.number + 1}, since 0.`;
  }
  if (isEnded(job.status)) return `This is the end of its output. Cursor: ${next}.`;
  return `This is the end of run ${run.number}. For the next one: ${toolName('wait_for_job')}.`;
}
