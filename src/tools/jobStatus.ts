import * as z from 'zod';
import { job, type Job } from '../protocol/job.ts';
import type { JobService } from '../protocol/service.ts';
import { agentResultSentence } from '../words/agentEvent.ts';
import { oneLine, plural } from '../words/text.ts';
import * as field from './fields.ts';
import { logPaths } from './look.ts';
import { keepTail, plainText, quoted } from './modelText.ts';
import { commandSentence, jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool } from './tool.ts';

/** Characters. */
const maxAnswer = 4000;

export const getJobStatus = defineTool({
  name: 'get_job_status',
  title: 'Get background job status',
  description:
    'Get the status of a background job: state, exit code or signal, pid, times, why it waits, whether it is ready, how it ended, its runs. ' +
    'To wait for a change use wait_for_job rather than asking again and again.',
  input: z.strictObject({ id: field.id }),
  output: job,
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ id }, context) {
    const found = await context.service.getJob(id);
    const result = await agentResult(context.service, found);
    return {
      text: lines(
        jobSentence(found),
        commandSentence(found),
        times(found),
        readiness(found),
        result,
        written(found),
        ...found.leftovers.map(({ pid, command }) => `Still alive: process ${pid}, ${oneLine(command)}`),
        logPaths(found.runs.at(-1)),
        nextSentence(found, context),
      ),
      data: found,
    };
  },
});

function times({ createdAt, startedAt, finishedAt }: Job): string {
  const started = startedAt === null ? '' : `, started ${startedAt}`;
  return `Created ${createdAt}${started}${finishedAt === null ? '' : `, finished ${finishedAt}`}.`;
}

/** What a coding agent has come to. */
async function agentResult(service: JobService, { id, shortId, run, codingAgent }: Job): Promise<string> {
  if (!codingAgent || run === null) return '';
  const { events } = await service.getRunEvents(`${id}.${run}`, { type: 'result', limit: 1000 });
  const result = events.at(-1);
  if (!result) return `Coding agent: ${codingAgent.name}, no result yet.`;
  const { text, leftOut } = keepTail(plainText(result.text), maxAnswer);
  const answer = text === '' ? '' : quoted(shortId, leftOut === 0 ? text : `… ${text}`);
  return lines(`Coding agent: ${codingAgent.name}, ${agentResultSentence(result)}.`, answer);
}

function readiness({ ready, readyText }: Job): string {
  if (ready === null || readyText === null) return '';
  return `${ready ? 'Ready' : 'Not ready'}: ${oneLine(readyText)}.`;
}

function written({ runs }: Job): string {
  const run = runs.at(-1);
  if (!run) return '';
  const dropped = run.droppedBytes === 0 ? '' : `, the first ${plural(run.droppedBytes, 'byte')} dropped`;
  return `Run ${run.number}: ${run.stdoutBytes} bytes on stdout, ${run.stderrBytes} on stderr${dropped}.`;
}
