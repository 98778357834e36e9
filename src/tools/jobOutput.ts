import * as z from 'zod';
import { output, outputQuery } from '../protocol/output.ts';
import { isEnded } from '../protocol/states.ts';
import * as field from './fields.ts';
import { logPaths, lookAtOutput } from './look.ts';
import { jobSentence, lines } from './sentences.ts';
import { defineTool } from './tool.ts';

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
    since: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Cursor of an earlier answer: only what came after it; 0: from the beginning' }),
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
    const { next, more } = look.output;
    const logs = job.runs.find(({ number }) => number === (asked.run ?? job.run))?.logs;
    const again = `${context.toolName('get_job_output')} with since ${next}`;
    const nothing = asked.grep === undefined ? 'There is nothing new.' : 'No line matches.';
    return {
      text: lines(
        jobSentence(job),
        look.text === '' ? nothing : look.text,
        more
          ? `More is there: call ${again}.`
          : isEnded(job.status)
            ? `This is the end of its output. Cursor: ${next}.`
            : `Cursor: ${next}. For what comes: ${again}, or ${context.toolName('wait_for_job')}.`,
        logPaths(job),
      ),
      data: { ...look.output, logs: logs ? [logs.stdout, logs.stderr].filter((path) => path !== null) : [] },
    };
  },
});
