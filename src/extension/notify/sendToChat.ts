import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { editorTools } from '../../agents/tools/names.ts';
import { t } from '../base/l10n.ts';

/** Nothing can speak up in a chat by itself, so the person passes on what has happened. */
export async function sendToChat(job: Job, whatHappened: string): Promise<void> {
  const { reference } = editorTools.get_job_output;
  const query = t(
    '{0} (background job {1}). See its output with #{2} and go on.',
    whatHappened,
    job.shortId,
    reference,
  );
  await vscode.commands.executeCommand('workbench.action.chat.open', { query, mode: 'agent' });
}
