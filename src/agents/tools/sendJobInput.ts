import * as z from 'zod';
import { BgJobsError } from '../../api/errors.ts';
import { job, type Job } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import * as field from './fields.ts';
import { showOutput } from './toolOutput.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool, type ToolContext } from './tool.ts';

const keys = ['enter', 'ctrl+c', 'ctrl+d'] as const;

const input = z.strictObject({
  id: field.id,
  text: z
    .string()
    .max(1_048_576)
    .optional()
    .meta({ description: 'Sent unchanged: end a line with \\n, or add key: enter' }),
  key: z
    .enum(keys)
    .optional()
    .meta({ description: 'Key to send after the text: enter, ctrl+c (SIGINT), ctrl+d (end of file)' }),
  eof: z.boolean().default(false).meta({ description: 'Close stdin after the text, the same as ctrl+d' }),
  lookMs: z.int().min(0).max(30_000).default(1000).meta({ description: 'How long to wait for output' }),
});
type Input = z.output<typeof input>;

export const sendJobInput = defineTool({
  name: 'send_job_input',
  title: 'Send input to background job',
  description:
    'Send input to the stdin of a running background job: answer a prompt, press enter, ctrl+c, or ctrl+d, or close ' +
    'stdin. The job must have been started with stdin: pipe (ctrl+c works for every job). Returns the new output.',
  input,
  output: job,
  hints: { readOnly: false, destructive: true, idempotent: false },
  question: (given) => ({ kind: 'input', id: given.id, text: description(given) }),
  async run(given, context) {
    const { service } = context;
    const before = await service.getJob(given.id);
    const { next } = await service.getOutput(before.id, { tail: 0, ...(before.run !== null && { run: before.run }) });
    const after = await send(given, before, context);
    const seen = isEnded(after.status)
      ? after
      : (await service.waitForJob(before.id, { timeoutMs: given.lookMs }, context.signal)).job;
    const shown = await showOutput(context, before, { since: next }, Math.min(4000, context.maxChars));
    return {
      text: lines(
        `Sent: ${description(given)}.`,
        jobSentence(seen),
        shown.text === '' ? 'No output since then.' : shown.text,
        nextSentence(seen, context, seen.run === before.run ? shown.output.next : undefined),
      ),
      data: seen,
    };
  },
});

async function send({ text, key, eof }: Input, { id }: Job, { service }: ToolContext): Promise<Job> {
  const ends = eof || key === 'ctrl+d';
  const typed = key === 'enter' ? `${text ?? ''}\n` : text;
  if (typed === undefined && !ends && key !== 'ctrl+c') {
    throw new BgJobsError('invalid_request', `Give text, a key (${keys.join(', ')}) or eof: true.`);
  }
  const sent =
    typed === undefined && !ends
      ? undefined
      : await service.sendInput(id, { eof: ends, ...(typed !== undefined && { text: typed }) });
  if (key !== 'ctrl+c') return sent ?? service.getJob(id);
  return (await service.killJob(id, { signal: 'SIGINT', escalate: false, actor: 'agent' })).job;
}

function description({ text, key, eof }: Input): string {
  return [text === undefined ? '' : JSON.stringify(text), key ?? '', eof ? 'end of file' : '']
    .filter((part) => part !== '')
    .join(', ');
}
