import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { singleQuoted } from '../text/quoting.ts';

/** How to run the command line. */
export interface Program {
  /** Node, or Electron, which is then told to run as Node. */
  readonly execPath: string;
  readonly isElectron: boolean;
  /** cli.js. */
  readonly script: string;
}

/** A file that the system reads when the user logs in, and the commands that make it do so, or no more. */
export interface LoginItem {
  /** Undefined where the system keeps it itself. */
  readonly file?: { readonly path: string; readonly text: string };
  readonly enable: readonly (readonly string[])[];
  readonly disable: readonly (readonly string[])[];
}

/** The script that starts the host of a data directory. Its path stays the same when the program is updated. */
export function autostartScript(home: string, platform: NodeJS.Platform): string {
  return join(home, platform === 'win32' ? 'autostart.cmd' : 'autostart.sh');
}

export function writeAutostart(home: string, program: Program, platform = process.platform): void {
  const path = autostartScript(home, platform);
  const text = scriptText(home, program, platform);
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o700 });
  renameSync(draft, path);
}

/** Of an updated program, where the host is started at login. @throws Error when the file cannot be written */
export function refreshAutostart(home: string, program: Program): void {
  if (existsSync(autostartScript(home, process.platform))) writeAutostart(home, program);
}

export function removeAutostart(home: string): void {
  rmSync(autostartScript(home, process.platform), { force: true });
}

function scriptText(home: string, { execPath, isElectron, script }: Program, platform: NodeJS.Platform): string {
  if (platform === 'win32') {
    const electron = isElectron ? ['set "ELECTRON_RUN_AS_NODE=1"'] : [];
    const lines = ['@echo off', 'setlocal', `set "BGJOBS_HOME=${home}"`, ...electron];
    return [...lines, `"${execPath}" "${script}" host start`, ''].join('\r\n').replaceAll('%', '%%');
  }
  const electron = isElectron ? 'ELECTRON_RUN_AS_NODE=1 ' : '';
  const call = `exec ${singleQuoted(execPath)} ${singleQuoted(script)} host start`;
  return `#!/bin/sh\nBGJOBS_HOME=${singleQuoted(home)} ${electron}${call}\n`;
}

/** @param isDefault whether it is the data directory that is used unless BGJOBS_HOME names another one */
export function loginItem(
  home: string,
  isDefault: boolean,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): LoginItem {
  const suffix = isDefault ? '' : `-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
  const script = autostartScript(home, platform);
  if (platform === 'darwin') return launchAgent(`background-jobs.host${suffix}`, script);
  if (platform === 'win32') return windowsTask(`Background Jobs host${suffix}`, script);
  return systemdUnit(`background-jobs${suffix}.service`, script, env);
}

/**
 * KillMode: the host leaves the jobs running when it ends, and so must the unit. RemainAfterExit: the script ends as soon as
 * the host runs.
 */
function systemdUnit(name: string, script: string, env: NodeJS.ProcessEnv): LoginItem {
  const xdg = env['XDG_CONFIG_HOME'] ?? '';
  const folder = isAbsolute(xdg) ? xdg : join(homedir(), '.config');
  const quoted = `"${script.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
  const text = `[Unit]
Description=Background Jobs: starts the job host, which goes on with schedules and waiting jobs

[Service]
Type=oneshot
RemainAfterExit=yes
KillMode=process
ExecStart=/bin/sh ${quoted}

[Install]
WantedBy=default.target
`;
  const call = (...words: string[]): string[] => ['systemctl', '--user', ...words];
  return {
    file: { path: join(folder, 'systemd', 'user', name), text },
    enable: [call('daemon-reload'), call('enable', name)],
    disable: [call('disable', name)],
  };
}

/** AbandonProcessGroup: else launchd ends the host with the script. */
function launchAgent(label: string, script: string): LoginItem {
  const path = join(homedir(), 'Library', 'LaunchAgents', `${label}.plist`);
  const escaped = script.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>${label}</string>
  <key>ProgramArguments</key><array><string>/bin/sh</string><string>${escaped}</string></array>
  <key>RunAtLoad</key><true/>
  <key>AbandonProcessGroup</key><true/>
</dict>
</plist>
`;
  const domain = `gui/${process.getuid?.() ?? 0}`;
  return {
    file: { path, text },
    enable: [['launchctl', 'bootstrap', domain, path]],
    disable: [['launchctl', 'bootout', `${domain}/${label}`]],
  };
}

function windowsTask(name: string, script: string): LoginItem {
  return {
    enable: [['schtasks', '/Create', '/F', '/SC', 'ONLOGON', '/TN', name, '/TR', `"${script}"`]],
    disable: [['schtasks', '/Delete', '/F', '/TN', name]],
  };
}
