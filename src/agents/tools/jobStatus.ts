import * as z from 'zod';
import { job, type Job } from '../../api/job.ts';
import type { JobService } from '../../api/endpoints.ts';
import { agentResultText } from '../../text/agentEvent.ts';
import { commandLine } from '../../text/grammar.ts';
import { statusPage } from '../../text/statusPage.ts';
import { agentWording } from '../../text/wording.ts';
import * as field from './fields.ts';
import { keepTail, plainText, quoted } from './toolOutput.ts';
import { jobSentence, lines, nextSentence } from './sentences.ts';
import { defineTool } from './tool.ts';

/** Characters. */
const maxAnswer = 4000;
const shownRuns = 5;

export const getJobStatus = defineTool({
  name: 'get_job_status',
  title: 'Get background job status',
  description:
    'Get the status of a background job: state, exit code or signal, pid, times, why it waits, readiness, and its runs. ' +
    'To wait for a change, use wait_for_job instead of calling this repeatedly.',
  input: z.strictObject({ id: field.id }),
  output: job,
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run({ id }, context) {
    const found = await context.service.getJob(id);
    const page = statusPage(found, agentWording(Date.now()), { runs: shownRuns });
    return {
      text: lines(
        jobSentence(found),
        `Command: ${commandLine(found)}`,
        ...page.filter(([label]) => label !== 'Status').map(([label, text]) => `${label}: ${text}`),
        await agentResult(context.service, found),
        nextSentence(found, context),
      ),
      data: found,
    };
  },
});

/** What a coding agent has come to. */
async function agentResult(service: JobService, { id, shortId, run, codingAgent }: Job): Promise<string> {
  if (!codingAgent || run === null) return '';
  const { events } = await service.getRunEvents(`${id}.${run}`, { type: 'result', limit: 1000 });
  const result = events.at(-1);
  if (!result) return 'The coding agent has no result yet.';
  const { text, leftOut } = keepTail(plainText(result.text), maxAnswer);
  const answer = text === '' ? '' : quoted(shortId, leftOut === 0 ? text : `… ${text}`);
  return lines(`Result of the coding agent: ${agentResultText(result)}.`, answer);
}
