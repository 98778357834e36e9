import * as z from 'zod';
import type { JobService } from '../../api/endpoints.ts';
import { job, type Job, type Run } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { agentResultSentence } from '../../text/agentEvent.ts';
import { endedSentence } from '../../text/jobText.ts';
import { optionsText } from '../../text/jobOptions.ts';
import { oneLine, plural } from '../../text/grammar.ts';
import * as field from './fields.ts';
import { logPaths } from './firstOutput.ts';
import { keepTail, plainText, quoted } from './modelText.ts';
import { commandSentence, dependencySentence, jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool } from './tool.ts';

/** Characters. */
const maxAnswer = 4000;
const shownRuns = 5;

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
        schedule(found),
        dependencySentence(found),
        options(found),
        readiness(found),
        result,
        runs(found),
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

function schedule({ options: { cron, timeZone } }: Job): string {
  return cron === null ? '' : `Schedule: ${oneLine(cron)}${timeZone === null ? '' : ` (${oneLine(timeZone)})`}.`;
}

function options(job: Job): string {
  const text = optionsText(job);
  return text === '' ? '' : `Options: ${oneLine(text)}.`;
}

function runs(job: Job): string {
  const others = job.runs.length - shownRuns;
  const more = others > 0 ? `${plural(others, 'earlier run')} not shown.` : '';
  return lines(more, ...job.runs.slice(-shownRuns).map((run) => runSentence(run, job)));
}

/** How the current run of a job has ended is how the job has. */
function runSentence(run: Run, { run: current, status }: Job): string {
  const isTold = !isEnded(run.status) || (run.number === current && isEnded(status));
  const end = isTold ? '' : `${endedSentence(run)}, `;
  const dropped = run.droppedBytes === 0 ? '' : `, the first ${plural(run.droppedBytes, 'byte')} dropped`;
  return `Run ${run.number}: ${end}${run.stdoutBytes} bytes on stdout, ${run.stderrBytes} on stderr${dropped}.`;
}
