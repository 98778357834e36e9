import * as vscode from 'vscode';
import type { InputRequest } from '../../api/control.ts';
import type { Job } from '../../api/job.ts';
import { t } from '../base/l10n.ts';
import { requireTrust } from '../base/trust.ts';
import { jobTitle } from '../../text/grammar.ts';
import type { Handler } from './app.ts';
import { targets } from './targets.ts';

interface InputItem extends vscode.QuickPickItem {
  /** Of what is in the box when it is accepted: who types quickly is ahead of the list. */
  request: (text: string) => InputRequest;
}

/** By id, the request can be given behind it. */
export const sendInput: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const none = t('No job takes live input. Start one with the keyboard button of "Start a Job" switched on.');
  const { service, jobs, byId } = await targets(app, args, { flag: 'input', title: t('Send Input to a Job'), none });
  const [job] = jobs;
  if (!job) return;
  const request = byId && args[1] ? (args[1] as InputRequest) : await ask(job);
  return request && service.sendInput(job.id, request);
};

/** The text is typed where a list says what can be done with it. */
function ask(job: Job): Promise<InputRequest | undefined> {
  const box = vscode.window.createQuickPick<InputItem>();
  box.title = t('Input for {0}', jobTitle(job));
  box.placeholder = t('Type what the job shall read');
  box.items = choices('');
  return new Promise((resolve) => {
    box.onDidChangeValue((value) => (box.items = choices(value)));
    box.onDidAccept(() => {
      resolve(box.activeItems[0]?.request(box.value));
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

function choices(text: string): InputItem[] {
  const item = (label: string, request: InputItem['request']): InputItem => ({ label, request, alwaysShow: true });
  const line = (typed: string): string => `${typed}\n`;
  if (text === '') {
    return [
      item(t('$(newline) Send an empty line'), (typed) => ({ text: line(typed) })),
      item(t('$(debug-disconnect) Close its input (end of file)'), (typed) =>
        typed === '' ? { eof: true } : { text: line(typed), eof: true },
      ),
    ];
  }
  return [
    item(t('$(newline) Send the line'), (typed) => ({ text: line(typed) })),
    item(t('$(edit) Send the text without a line end'), (typed) => ({ text: typed })),
    item(t('$(debug-disconnect) Send the line and close its input (end of file)'), (typed) => ({
      text: line(typed),
      eof: true,
    })),
  ];
}
