import { createRequire } from 'node:module';
import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import type { Job, Run } from '../../api/job.ts';
import { isEnded } from '../../api/values.ts';
import { linesBundle } from '../../bundles.ts';
import { jobTitle, shorten } from '../../text/grammar.ts';
import type * as Lines from '../../text/lines.ts';
import { logScheme } from '../base/ids.ts';
import { t } from '../base/l10n.ts';

/** The log of a run that still writes is read again so often while it is in sight (milliseconds). */
const lookMs = 1000;

/** What the URI of a log tells, as JSON in its query. */
interface LogQuery {
  jobId: string;
  run: number;
  /** Only so many bytes at the end. */
  last?: number | undefined;
  times?: boolean | undefined;
}

/** @param options undefined: the whole log without times */
export function logUri(job: Job, run: number, options: Pick<LogQuery, 'last' | 'times'> = {}): vscode.Uri {
  const name = shorten(jobTitle(job), 60).replaceAll(/[/\\?#]/g, '_');
  const title = run > 1 ? t('{0} – run {1}', name, run) : t('{0} – log', name);
  const query: LogQuery = { jobId: job.id, run, ...options };
  return vscode.Uri.from({ scheme: logScheme, path: `/${title}.log`, query: JSON.stringify(query) });
}

export function readLogUri(uri: vscode.Uri): LogQuery {
  return JSON.parse(uri.query) as LogQuery;
}

/** The logs of runs as read-only documents, which grow while they are in sight. */
export class LogDocuments implements vscode.TextDocumentContentProvider {
  readonly #need: () => Promise<JobService>;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #stderr = new Map<string, number[]>();
  /** By URI: how many bytes are shown of a log that still grows. */
  readonly #growing = new Map<string, number>();
  readonly #stderrLook = vscode.window.createTextEditorDecorationType({
    color: new vscode.ThemeColor('debugConsole.errorForeground'),
  });
  readonly #subscriptions: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  /** @param need connects to the host */
  constructor(need: () => Promise<JobService>) {
    this.#need = need;
    this.#subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(logScheme, this),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#watch()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#color(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#forget(uri)),
    ];
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const { logText } = createRequire(linesBundle)(linesBundle) as typeof Lines;
    const { jobId, ...options } = readLogUri(uri);
    const service = await this.#need();
    const run = runOf(await service.getJob(jobId), options.run);
    const { text, stderr } = await logText(service, jobId, options, t);
    this.#stderr.set(uri.toString(), stderr);
    if (run && !isEnded(run.status)) this.#growing.set(uri.toString(), written(run));
    else this.#growing.delete(uri.toString());
    this.#watch();
    return text;
  }

  /** Of the job whose log a document is; undefined if it is none. */
  async folderOf({ uri }: vscode.TextDocument): Promise<string | undefined> {
    if (uri.scheme !== logScheme) return undefined;
    const { jobId } = readLogUri(uri);
    return (await (await this.#need()).getJob(jobId)).cwd;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const part of [...this.#subscriptions, this.#changed, this.#stderrLook]) part.dispose();
  }

  /** Colors what is in sight, and looks again at those of them that may grow. */
  #watch(): void {
    const documents = vscode.window.visibleTextEditors.map(({ document }) => document);
    for (const document of documents) this.#color(document);
    const grows = documents.filter(({ uri }) => this.#growing.has(uri.toString()));
    clearTimeout(this.#timer);
    if (grows.length > 0) this.#timer = setTimeout(() => void this.#look(grows.map(({ uri }) => uri)), lookMs);
  }

  /** A host that is away for a moment is asked again. */
  async #look(uris: readonly vscode.Uri[]): Promise<void> {
    for (const uri of uris) {
      const { jobId, run: number } = readLogUri(uri);
      const run = await this.#need().then(
        async (service) => runOf(await service.getJob(jobId), number),
        () => undefined,
      );
      const shown = this.#growing.get(uri.toString());
      if (run && (written(run) !== shown || isEnded(run.status))) this.#changed.fire(uri);
    }
    this.#watch();
  }

  #color(document: vscode.TextDocument): void {
    const lines = this.#stderr.get(document.uri.toString());
    if (!lines) return;
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== document) continue;
      const ranges = lines.filter((line) => line < document.lineCount).map((line) => document.lineAt(line).range);
      editor.setDecorations(this.#stderrLook, ranges);
    }
  }

  #forget(uri: vscode.Uri): void {
    this.#stderr.delete(uri.toString());
    this.#growing.delete(uri.toString());
  }
}

export function runOf(job: Job, number: number | null): Run | undefined {
  return job.runs.find((run) => run.number === number);
}

function written({ stdoutBytes, stderrBytes }: Run): number {
  return stdoutBytes + stderrBytes;
}
