/**
 * `extension/agents` offers the tools to the agents of the editor, with a card to confirm, and the MCP server.
 * `commands` and `app` import it; it imports `api`, `text`, `agents/tools` and the rooms below, and loads tools and
 * policy on demand.
 */

import * as vscode from 'vscode';
import { toolsBundle } from '../../bundles.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import type { StartRequest } from '../../api/options.ts';
import { isEnded } from '../../api/values.ts';
import type * as Tools from '../../agents/tools/main.ts';
import { editorToolName, editorTools, type EditorToolName } from '../../agents/tools/names.ts';
import type { Question, Tool, ToolContext } from '../../agents/tools/tool.ts';
import type { Notifications } from '../notify/notifications.ts';
import { t } from '../base/l10n.ts';
import { jobEnvironment, type ServiceSource } from '../base/jobStart.ts';
import { shell } from '../base/settings.ts';
import { commandText } from '../../text/grammar.ts';
import { confirmation } from './confirmation.ts';
import { isInFolders } from './toolFolders.ts';
import { invocationMessage } from './invocation.ts';
import { judgeStart } from './judgeStart.ts';

/** Maximum wait in one call: longer ones hold up the conversation. */
const maxWaitMs = 10 * 60_000;
/** Characters of output in one answer, unless the caller states a token budget. */
const usualChars = 60_000;
const charsPerToken = 3;

export interface ToolDeps {
  connection: ServiceSource;
  notifications: Notifications;
  /** Of the jobs that this window starts. */
  session: () => string;
}

/** A tool as the editor wants it. */
class EditorTool implements vscode.LanguageModelTool<object> {
  readonly #name: EditorToolName;
  readonly #deps: ToolDeps;

  constructor(name: EditorToolName, deps: ToolDeps) {
    this.#name = name;
    this.#deps = deps;
  }

  async prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<object>): Promise<vscode.PreparedToolInvocation> {
    const question = this.#question(await this.#tool(), input);
    const message = new vscode.MarkdownString(invocationMessage(this.#name, subjectOf(question, input), t));
    if (!question) return { invocationMessage: message };
    const job = 'id' in question ? await this.#jobOf(question.id) : null;
    // A job that does not exist needs no confirmation; the call reports that it does not exist.
    if ('id' in question && !job) return { invocationMessage: message };
    const isOutside = question.kind === 'start' && isOutsideFolders(question.what);
    // A start that the policy decides needs no confirmation. The call refuses denied ones.
    if (question.kind === 'start' && (await judgeStart(question.what, isOutside)).verdict !== 'ask') {
      return { invocationMessage: message };
    }
    const card = confirmation(question, { job, isOutside }, t);
    return {
      invocationMessage: message,
      confirmationMessages: { title: card.title, message: new vscode.MarkdownString(card.message) },
    };
  }

  async invoke(
    { input, tokenizationOptions }: vscode.LanguageModelToolInvocationOptions<object>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const { failureText } = await loadTools();
    const cancelled = new AbortController();
    const subscription = token.onCancellationRequested(() => cancelled.abort());
    try {
      const tool = await this.#tool();
      requireTrust(this.#name, input);
      await this.#refuseDenied(this.#question(tool, input));
      const budget = tokenizationOptions?.tokenBudget;
      const context: ToolContext = {
        ...this.#place(),
        service: await this.#deps.connection.need(),
        start: { inheritEnv: jobEnvironment(process.env), ...ownShell() },
        signal: cancelled.signal,
        maxWaitMs,
        maxChars: budget === undefined ? usualChars : Math.max(500, Math.floor(budget * charsPerToken)),
        toolName: editorToolName,
        offers: (name) => name in editorTools,
      };
      const { text, data } = await tool.call(input, context);
      await this.#tellNobody(data);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    } catch (error) {
      if (cancelled.signal.aborted) throw new vscode.CancellationError();
      // The editor hands the message to the model as it stands.
      throw new Error(failureText(error));
    } finally {
      subscription.dispose();
    }
  }

  async #tool(): Promise<Tool> {
    return (await loadTools()).tools[this.#name];
  }

  #place(): Pick<ToolContext, 'session' | 'cwd'> {
    return { session: this.#deps.session(), cwd: folders()[0] ?? null };
  }

  /** Invalid input needs no confirmation: the call reports what is wrong with it. */
  #question(tool: Tool, input: unknown): Question | null {
    try {
      return tool.question(input, this.#place());
    } catch (error) {
      if (error instanceof BgJobsError) return null;
      throw error;
    }
  }

  /** The job host refuses it too, once it has the setting. */
  async #refuseDenied(question: Question | null): Promise<void> {
    if (question?.kind !== 'start') return;
    const { verdict, pattern, part, problem } = await judgeStart(question.what, isOutsideFolders(question.what));
    if (verdict !== 'deny') return;
    const why = problem ?? `"${part}" matches the pattern "${pattern}" that the person has denied`;
    throw new BgJobsError('policy_denied', `This command may not be started by an agent: ${why}.`);
  }

  /** The agent has just received this job: if it has ended, the user need not be notified. */
  async #tellNobody(data: unknown): Promise<void> {
    const { jobOfAnswer } = await loadTools();
    const job = jobOfAnswer(data);
    if (job && isEnded(job.status)) this.#deps.notifications.expect(job.id, job.run);
  }

  async #jobOf(id: string): Promise<Job | null> {
    try {
      return await (await this.#deps.connection.need()).getJob(id);
    } catch (error) {
      if (error instanceof BgJobsError) return null;
      throw error;
    }
  }
}

async function loadTools(): Promise<typeof Tools> {
  return (await import(toolsBundle)) as typeof Tools;
}

function subjectOf(question: Question | null, input: object): string | null {
  if (question?.kind === 'start') {
    const { command = null, argv = null } = question.what;
    return commandText({ command, argv });
  }
  return 'id' in input && typeof input.id === 'string' ? input.id : null;
}

function isOutsideFolders({ cwd }: StartRequest): boolean {
  return !isInFolders(cwd, folders());
}

function folders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
}

function ownShell(): Pick<ToolContext['start'], 'shell'> {
  const own = shell();
  return own === undefined ? {} : { shell: own };
}

/** Required by everything that runs a command. A job that is put back into the queue runs again. */
function requireTrust(name: EditorToolName, input: object): void {
  const runs = name === 'start_job' || name === 'send_job_input' || ('requeue' in input && input.requeue === true);
  if (vscode.workspace.isTrusted || !runs) return;
  throw new BgJobsError(
    'policy_denied',
    'The person has not trusted this workspace: jobs can be listed, read and killed, but none is started or given input.',
  );
}

/** Offers the tools to the agents of the editor. What they do is loaded with the first call. */
export function registerTools(deps: ToolDeps): vscode.Disposable {
  const names = Object.keys(editorTools) as EditorToolName[];
  const registered = names.map((name) => vscode.lm.registerTool(editorToolName(name), new EditorTool(name, deps)));
  return vscode.Disposable.from(...registered);
}
