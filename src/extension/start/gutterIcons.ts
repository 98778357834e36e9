import * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { isEnded, isFailure } from '../../api/values.ts';
import { statusText } from '../../text/endText.ts';
import { t } from '../base/l10n.ts';
import { hasGutterIcons } from '../base/settings.ts';
import type { LastJobs } from './lastJobs.ts';
import { runMarks, type RunMark } from './runMarks.ts';

const icons = ['play', 'running', 'passed', 'failed'] as const;
type Icon = (typeof icons)[number];

/** Typing goes on faster than that. */
const drawMs = 300;

/** Icons beside what can be run in a file, with the result of its last job. */
export class GutterIcons {
  readonly #last: () => LastJobs;
  readonly #types: Record<Icon, vscode.TextEditorDecorationType>;
  readonly #subscriptions: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  /** @param media the folder of our images @param last is called only for a file in which something can be run */
  constructor(media: vscode.Uri, last: () => LastJobs) {
    this.#last = last;
    const type = (icon: Icon): vscode.TextEditorDecorationType =>
      vscode.window.createTextEditorDecorationType({
        gutterIconPath: vscode.Uri.joinPath(media, 'gutter', `${icon}.svg`),
        gutterIconSize: 'contain',
      });
    this.#types = { play: type('play'), running: type('running'), passed: type('passed'), failed: type('failed') };
    this.#subscriptions = [
      ...Object.values(this.#types),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (vscode.window.visibleTextEditors.some((editor) => editor.document === document)) this.drawSoon();
      }),
    ];
    this.draw();
  }

  readonly drawSoon = (): void => {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.draw();
    }, drawMs);
  };

  readonly draw = (): void => {
    const isOn = hasGutterIcons();
    for (const editor of vscode.window.visibleTextEditors) {
      const marks = isOn && editor.document.uri.scheme === 'file' ? runMarks(editor.document) : [];
      const byIcon = Map.groupBy(
        marks.map((mark) => this.#decoration(mark)),
        ({ icon }) => icon,
      );
      for (const icon of icons) editor.setDecorations(this.#types[icon], byIcon.get(icon) ?? []);
    }
  };

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #decoration({ line, name, cwd }: RunMark): vscode.DecorationOptions & { icon: Icon } {
    const job = this.#last().named(name, cwd);
    const hoverMessage = job ? t('Last run in the background: {0}', statusText(job.status, t)) : '';
    return { range: new vscode.Range(line, 0, line, 0), icon: iconOf(job), ...(job && { hoverMessage }) };
  }
}

function iconOf(job: Job | undefined): Icon {
  if (!job) return 'play';
  if (!isEnded(job.status)) return 'running';
  if (isFailure(job.status)) return 'failed';
  return job.status === 'completed' ? 'passed' : 'play';
}
