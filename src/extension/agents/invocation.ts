import type { EditorToolName } from '../../agents/tools/names.ts';
import { shorten, type Translate } from '../../text/grammar.ts';
import { code } from '../base/markdown.ts';

const longestSubject = 200;

/**
 * What the chat shows of a call, while it runs and for ever after: so it tells neither that it is under way nor that it
 * is done.
 * @param subject the command of a start, else the job's id; null where there is none
 */
export function invocationMessage(name: EditorToolName, subject: string | null, t: Translate): string {
  const what = subject === null ? '' : code(shorten(subject, longestSubject));
  switch (name) {
    case 'start_job':
      return t('Start of background job {0}', what);
    case 'list_jobs':
      return t('List of background jobs');
    case 'get_job_status':
      return t('Status of background job {0}', what);
    case 'get_job_output':
      return t('Output of background job {0}', what);
    case 'wait_for_job':
      return t('Wait for background job {0}', what);
    case 'send_job_input':
      return t('Input for background job {0}', what);
    case 'kill_job':
      return t('Kill of background job {0}', what);
    case 'cleanup_jobs':
      return t('Cleanup of finished background jobs');
  }
}
