import * as vscode from 'vscode';
import type { CommandRules } from '../../agents/policy/judge.ts';
import { patternList } from '../../agents/policy/pattern.ts';
import type { SettingsUpdate } from '../../api/host.ts';
import { hostUpdate } from './hostSettings.ts';
import { section, settings, type SettingName } from './ids.ts';

export type HostMode = 'process' | 'extensionHost';

export function hostMode(): HostMode {
  return get<HostMode>(settings.host, 'process');
}

/** @returns undefined for the user's own shell */
export function shell(): string | undefined {
  return get(settings.shell, '').trim() || undefined;
}

export function notificationSettings(): { enabled: boolean; minimumMs: number; quietHours: string } {
  return {
    enabled: get(settings.notificationsEnabled, true),
    minimumMs: get(settings.notificationsMinimumDuration, 30) * 1000,
    quietHours: get(settings.notificationsQuietHours, ''),
  };
}

export function desktopNotifications(): 'off' | 'silent' | 'sound' {
  return get<'off' | 'silent' | 'sound'>(settings.notificationsDesktop, 'off');
}

/** Which files have lenses: those that name scripts, and those that are scripts. */
export function codeLensSettings(): { scripts: boolean; files: boolean } {
  return { scripts: get(settings.codeLensScripts, true), files: get(settings.codeLensFiles, true) };
}

/** Whether scripts have an icon beside them. */
export function hasGutterIcons(): boolean {
  return get(settings.gutterIcons, true);
}

/** By what the view groups jobs. */
export function groupBy(): string {
  return get(settings.groupBy, 'session');
}

/** Whether this editor itself is offered the MCP server. */
export function offersMcpServer(): boolean {
  return get(settings.agentMcpServer, false);
}

/** Patterns of the commands that agents may start without confirmation, and of those that they may not start. */
export function commandRules(): CommandRules {
  return { allow: patternList(get(settings.agentAllow, [])), deny: patternList(get(settings.agentDeny, [])) };
}

/** The sessions whose limits or quotas were sent to the host: one that is removed from the setting loses them. */
const sentSessions = { sessionLimits: new Set<string>(), sessionQuotas: new Set<string>() };

/** The settings to send to the host: those that the user has set, and the defaults of those that were just reset. */
export function explicitHostSettings(changed: (name: SettingName) => boolean): SettingsUpdate {
  const configuration = vscode.workspace.getConfiguration(section);
  const update = hostUpdate((name) => {
    const inspected = configuration.inspect(name);
    return inspected?.globalValue ?? (changed(name) ? inspected?.defaultValue : undefined);
  });
  for (const name of ['sessionLimits', 'sessionQuotas'] as const) {
    const sent = sentSessions[name];
    for (const session of Object.keys(update[name] ?? {})) sent.add(session);
    if (sent.size === 0) continue;
    const none = Object.fromEntries([...sent].map((session) => [session, null]));
    Object.assign(update, { [name]: { ...none, ...update[name] } });
  }
  return update;
}

/** Calls back with a test for what has changed. */
export function onDidChangeSettings(listener: (changed: (name: SettingName) => boolean) => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) listener((name) => event.affectsConfiguration(`${section}.${name}`));
  });
}

function get<T>(name: SettingName, otherwise: T): T {
  return vscode.workspace.getConfiguration(section).get(name, otherwise);
}
