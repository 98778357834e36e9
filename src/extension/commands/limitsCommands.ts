import * as vscode from 'vscode';
import type { JobService } from '../../api/endpoints.ts';
import { isLimit } from '../base/hostSettings.ts';
import { isRecord } from '../base/isRecord.ts';
import { section, settings, type SettingName } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import { requireTrust } from '../base/trust.ts';
import type { App, Handler } from './app.ts';
import { isNode } from './targets.ts';

/** What is limited: all jobs, those of each session, or of one. */
type Scope = { type: 'host' } | { type: 'eachSession' } | { type: 'session'; session: string };

interface Current {
  service: JobService;
  maxConcurrentJobs: number;
  maxConcurrentJobsPerSession: number;
  sessionLimits: Record<string, number>;
}

/** A limit is a setting of the editor, and holds for the host from now on even where the setting says so already. */
export const changeLimits: Handler = async (app, args) => {
  if (!(await requireTrust())) return;
  const service = await app.connection.need();
  const current: Current = { service, ...(await service.getHost()).limits };
  const given = args[0];
  const scope: Scope | undefined =
    isNode(given) && given.type === 'session'
      ? { type: 'session', session: given.session }
      : await pickScope(app, current);
  if (!scope) return;
  const number = await askNumber(scope, current);
  if (number !== undefined) await set(current, scope, number);
};

async function pickScope(app: App, current: Current): Promise<Scope | undefined> {
  const sessions = new Set([app.session(), ...app.model.sessions(), ...Object.keys(current.sessionLimits)]);
  const items: (vscode.QuickPickItem & { scope: Scope })[] = [
    { label: t('All sessions together'), description: words(current.maxConcurrentJobs), scope: { type: 'host' } },
    {
      label: t('Each session'),
      description: words(current.maxConcurrentJobsPerSession),
      scope: { type: 'eachSession' },
    },
    ...[...sessions].map((session) => ({
      label: t('The session {0}', withoutIcons(session)),
      description: ownLimit(current, session),
      scope: { type: 'session' as const, session },
    })),
  ];
  const options = { title: t('Change Limits'), placeHolder: t('How many jobs run at once, of which?') };
  return (await vscode.window.showQuickPick(items, options))?.scope;
}

function words(maximum: number): string {
  return maximum === 0 ? t('no limit') : t('at most {0} at once', maximum);
}

function ownLimit({ sessionLimits, maxConcurrentJobsPerSession }: Current, session: string): string {
  const own = sessionLimits[session];
  return own === undefined ? t('as each session: {0}', words(maxConcurrentJobsPerSession)) : words(own);
}

/** @returns null for none of its own */
async function askNumber(scope: Scope, current: Current): Promise<number | null | undefined> {
  const isOwn = scope.type === 'session';
  const value = isOwn
    ? current.sessionLimits[scope.session]
    : scope.type === 'host'
      ? current.maxConcurrentJobs
      : current.maxConcurrentJobsPerSession;
  const typed = await vscode.window.showInputBox({
    title: isOwn ? t('Jobs of {0} at Once', scope.session) : t('Jobs at Once'),
    prompt: isOwn
      ? t('How many run at once. 0: no limit. Empty: as for each session.')
      : t('How many run at once. 0: no limit.'),
    value: value?.toString() ?? '',
    validateInput: (text) => (numberIn(text, isOwn) === undefined ? t('A whole number from 0 to 10,000.') : undefined),
  });
  return typed === undefined ? undefined : numberIn(typed, isOwn);
}

function numberIn(text: string, mayBeEmpty: boolean): number | null | undefined {
  const typed = text.trim();
  if (typed === '') return mayBeEmpty ? null : undefined;
  return /^\d+$/.test(typed) && isLimit(Number(typed)) ? Number(typed) : undefined;
}

async function set({ service }: Current, scope: Scope, number: number | null): Promise<void> {
  if (scope.type === 'session') {
    const own = vscode.workspace.getConfiguration(section).inspect(settings.sessionLimits)?.globalValue;
    const { [scope.session]: _before, ...others } = isRecord(own) ? own : {};
    await keep(settings.sessionLimits, number === null ? others : { ...others, [scope.session]: number });
    await service.updateHost({ sessionLimits: { [scope.session]: number } });
  } else if (number !== null) {
    const name = scope.type === 'host' ? 'maxConcurrentJobs' : 'maxConcurrentJobsPerSession';
    await keep(settings[name], number);
    await service.updateHost({ [name]: number });
  }
}

function keep(name: SettingName, value: unknown): Thenable<void> {
  return vscode.workspace.getConfiguration(section).update(name, value, vscode.ConfigurationTarget.Global);
}
