/**
 * `extension/agents` offers the tools to the agents of the editor, with a card to confirm, and the MCP server.
 * `commands` and `app` import it; it imports `api`, `text`, `agents/tools` and the rooms below, and loads tools and
 * policy on demand.
 */
import * as vscode from 'vscode';
import type * as Policy from '../../agents/policy/judge.ts';
import type * as Tools from '../../agents/tools/main.ts';
import { editorToolName, editorTools, type EditorToolName } from '../../agents/tools/names.ts';
import type { Question, ToolContext } from '../../agents/tools/tool.ts';
import { BgJobsError } from '../../api/errors.ts';
import type { StartRequest } from '../../api/options.ts';
import { isEnded } from '../../api/values.ts';
import { packageVersion, policyBundle, toolsBundle } from '../../bundles.ts';
import { commandText } from '../../text/grammar.ts';
import { mcpServerProvider } from '../base/ids.ts';
import { jobEnvironment, type ServiceSource } from '../base/jobStart.ts';
import { t } from '../base/l10n.ts';
import { commandRules, offersMcpServer, onDidChangeSettings, shell } from '../base/settings.ts';
import type { Notifications } from '../notify/notifications.ts';
import { bgjobsCommand } from '../terminal/terminalPath.ts';
import { confirmation, invocationMessage, isInFolders, isMoreThanCommand } from './confirmation.ts';

/** Maximum wait in one call: longer ones hold up the conversation. */
const maxWaitMs = 10 * 60_000;
/** Characters of output in one answer, unless the caller states a token budget. */
const usualChars = 60_000;
const charsPerToken = 3;

interface ToolDeps {
  connection: ServiceSource;
  notifications: Notifications;
  /** Of the jobs that this window starts. */
  session: () => string;
}

/** Offers the tools to the agents of the editor. What they do is loaded with the first call. */
export function registerTools(deps: ToolDeps): vscode.Disposable {
  const names = Object.keys(editorTools) as EditorToolName[];
  return vscode.Disposable.from(
    ...names.map((name) => vscode.lm.registerTool(editorToolName(name), editorTool(name, deps))),
  );
}

/** A tool as the editor wants it. */
function editorTool(
  name: EditorToolName,
  { connection, notifications, session }: ToolDeps,
): vscode.LanguageModelTool<object> {
  const place = (): Pick<ToolContext, 'session' | 'cwd'> => ({ session: session(), cwd: folders()[0] ?? null });

  /** Invalid input needs no confirmation: the call reports what is wrong with it. */
  async function ask(input: unknown): Promise<Question | null> {
    const { tools } = await loadTools();
    return unlessRefused(() => tools[name].question(input, place()));
  }

  return {
    async prepareInvocation({ input }) {
      const question = await ask(input);
      const message = new vscode.MarkdownString(invocationMessage(name, subjectOf(question, input), t));
      if (!question) return { invocationMessage: message };
      const id = 'id' in question ? question.id : null;
      const job = id === null ? null : await unlessRefused(async () => (await connection.need()).getJob(id));
      // A job that does not exist needs no confirmation; the call reports that it does not exist.
      if (id !== null && !job) return { invocationMessage: message };
      // A start that the policy decides needs no confirmation. The call refuses denied ones.
      if (question.kind === 'start' && (await judgeStart(question.what)).verdict !== 'ask') {
        return { invocationMessage: message };
      }
      const isOutside = question.kind === 'start' && isOutsideFolders(question.what);
      const card = confirmation(question, { job, isOutside }, t);
      return {
        invocationMessage: message,
        confirmationMessages: { title: card.title, message: new vscode.MarkdownString(card.message) },
      };
    },

    async invoke({ input, tokenizationOptions }, token) {
      const { failureText, tools } = await loadTools();
      const cancelled = new AbortController();
      const subscription = token.onCancellationRequested(() => cancelled.abort());
      try {
        requireTrust(name, input);
        await refuseDenied(await ask(input));
        const budget = tokenizationOptions?.tokenBudget;
        const own = shell();
        const { text, job } = await tools[name].call(input, {
          ...place(),
          service: await connection.need(),
          start: { inheritEnv: jobEnvironment(process.env), ...(own !== undefined && { shell: own }) },
          signal: cancelled.signal,
          maxWaitMs,
          maxChars: budget === undefined ? usualChars : Math.max(500, Math.floor(budget * charsPerToken)),
          toolName: editorToolName,
          offers: (other) => other in editorTools,
        });
        // The agent has just received this job: if it has ended, the user need not be notified.
        if (job && isEnded(job.status)) notifications.expect(job.id, job.run);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
      } catch (error) {
        if (cancelled.signal.aborted) throw new vscode.CancellationError();
        // The editor hands the message to the model as it stands.
        throw new Error(failureText(error));
      } finally {
        subscription.dispose();
      }
    },
  };
}

async function loadTools(): Promise<typeof Tools> {
  return (await import(toolsBundle())) as typeof Tools;
}

async function unlessRefused<T>(ask: () => T | Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof BgJobsError) return null;
    throw error;
  }
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

/** Required by everything that runs a command. A job that is put back into the queue runs again. */
function requireTrust(name: EditorToolName, input: object): void {
  const runs = name === 'start_job' || name === 'send_job_input' || ('requeue' in input && input.requeue === true);
  if (vscode.workspace.isTrusted || !runs) return;
  throw new BgJobsError(
    'policy_denied',
    'The person has not trusted this workspace: jobs can be listed, read and killed, but none is started or given input.',
  );
}

/** The job host refuses it too, once it has the setting. */
async function refuseDenied(question: Question | null): Promise<void> {
  if (question?.kind !== 'start') return;
  const { verdict, pattern, part, problem } = await judgeStart(question.what);
  if (verdict !== 'deny') return;
  const why = problem ?? `"${part}" matches the pattern "${pattern}" that the person has denied`;
  throw new BgJobsError('policy_denied', `This command may not be started by an agent: ${why}.`);
}

/** The verdict of the user's patterns on a start: `ask` when none matches, or when more than the command matters. */
async function judgeStart(what: StartRequest): Promise<Policy.Verdict> {
  const rules = commandRules();
  if (rules.allow.length === 0 && rules.deny.length === 0) return { verdict: 'ask' };
  const { judge } = (await import(policyBundle())) as typeof Policy;
  const { command, argv } = what;
  // The default shell of a job. Windows has none whose lines can be judged.
  const usersShell = process.platform === 'win32' ? null : process.env['SHELL'] || '/bin/sh';
  const judged = judge({ command, argv, shell: shell() ?? usersShell }, rules);
  const isAsked = judged.verdict === 'allow' && isMoreThanCommand(what, isOutsideFolders(what));
  return isAsked ? { verdict: 'ask' } : judged;
}

/** Offers the MCP server to this editor too, where the user wants it: the tools of the extension serve here already. */
export function offerMcpServer(context: vscode.ExtensionContext, session: () => string): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.McpServerDefinitionProvider = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions() {
      if (!offersMcpServer() || !vscode.workspace.isTrusted) return [];
      const { command, env } = bgjobsCommand(context);
      const cwd = vscode.workspace.workspaceFolders?.[0]?.uri;
      const args = ['mcp', '--session', session(), ...(cwd ? ['--cwd', cwd.fsPath] : [])];
      return [new vscode.McpStdioServerDefinition('Background Jobs', command, args, env, packageVersion())];
    },
  };
  return vscode.Disposable.from(
    changed,
    onDidChangeSettings(() => changed.fire()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.lm.registerMcpServerDefinitionProvider(mcpServerProvider, provider),
  );
}
