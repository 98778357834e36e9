import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { homeFiles } from '../../dataDir/dataDir.ts';
import { extensionId, walkthrough } from '../base/ids.ts';
import { t } from '../base/l10n.ts';
import { inform, warn } from './acting.ts';
import { type App, type Handler } from './app.ts';
import type * as Doctor from '../../doctor/main.ts';
import { doctorBundle, packageVersion } from '../../bundles.ts';
import type { DoctorReport, LeftProcess } from '../../api/inspection.ts';
import { bytes, shorten } from '../../text/grammar.ts';
import { pickMany } from '../base/pickMany.ts';
import { withoutIcons } from '../base/readableText.ts';
import { bgjobsCommand } from '../terminal/terminalPath.ts';
import { mcpClientIds, mcpClients, mcpConfiguration, type McpClient } from '../../agents/setup/mcpClients.ts';

export const retry: Handler = (app) => app.connection.need();

export const showHostLog: Handler = async (app) => {
  const { log, output } = homeFiles(app.home);
  // A host that failed to start has written the reason to its output.
  const file = [log, output].find((path) => existsSync(path));
  if (file === undefined) inform(t("The job host hasn't written a log yet."));
  else await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
};

export const help: Handler = async () => {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extensionId}#${walkthrough}`, false);
};

export const openSettings: Handler = async () => {
  await vscode.commands.executeCommand('workbench.action.openSettings', `@ext:${extensionId}`);
};

type End = Doctor.DoctorOptions['end'];

/** With the PIDs to end, or `all`, as an argument it does not prompt. */
export const doctor: Handler = async (app, [given]) => {
  if (given === 'all' || Array.isArray(given)) return examine(app, given as End);
  const { reportText } = await loadDoctor();
  let report = await examine(app);
  app.channels.showReport(reportText(report, Date.now()));
  const endable = report.processes.filter(({ keptBecause }) => keptBecause === null);
  const chosen = new Set(endable.length === 0 ? [] : await pickLeftovers(endable));
  if (chosen.size > 0) {
    // Some of the chosen processes may have ended while the list was open.
    const now = (await examine(app)).processes.map(({ pid }) => pid);
    report = await examine(
      app,
      now.filter((pid) => chosen.has(pid)),
    );
    app.channels.showReport(reportText(report, Date.now()));
  }
  reportFindings(report);
  return report;
};

/** With the path of the file as an argument it does not prompt. */
export const createReport: Handler = async (app, [given]) => {
  const file = typeof given === 'string' ? given : await askReportFile();
  if (file === undefined) return undefined;
  const found = await examine(app);
  const { writeReport } = await loadDoctor();
  const { appName, remoteName = 'none', uiKind } = vscode.env;
  const versions = {
    ...{ editor: `${appName} ${vscode.version}`, remote: remoteName },
    kind: uiKind === vscode.UIKind.Web ? 'web' : 'desktop',
  };
  const place = { home: app.home, version: packageVersion() };
  await writeReport(found, place, { file, overwrite: true, commands: false, versions });
  const show = t('Reveal in File Manager');
  const text = t('The report is in {0}. Look at it before you send it.', file);
  void vscode.window.showInformationMessage(text, show).then(async (chosen) => {
    if (chosen === show) await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(file));
  });
  return file;
};

/** The dialog asks before a file is replaced. */
async function askReportFile(): Promise<string | undefined> {
  const name = `background-jobs-report-${new Date().toISOString().slice(0, 10)}.zip`;
  const defaultUri = vscode.Uri.file(join(homedir(), name));
  const title = t('Create Diagnostics Report');
  return (await vscode.window.showSaveDialog({ title, defaultUri, filters: { [t('Zip Files')]: ['zip'] } }))?.fsPath;
}

async function loadDoctor(): Promise<typeof Doctor> {
  return (await import(doctorBundle())) as typeof Doctor;
}

function examine({ home }: App, end?: End): Thenable<DoctorReport> {
  const title = end === undefined ? t('Running diagnostics…') : t('Ending orphaned processes…');
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async () => {
    return (await loadDoctor()).examine({ home, version: packageVersion(), ...(end === undefined ? {} : { end }) });
  });
}

/** @returns the PIDs of the chosen processes; those of this store are preselected */
async function pickLeftovers(processes: readonly LeftProcess[]): Promise<number[]> {
  const { originPhrase } = await loadDoctor();
  const items = processes.map((process) => ({
    label: withoutIcons(shorten(process.command, 120)),
    description: [t('PID {0}', process.pid), ...(process.memory === null ? [] : [bytes(process.memory)])].join(' · '),
    detail: originPhrase(process),
    picked: process.isOfThisStore,
    pid: process.pid,
  }));
  const chosen = await pickMany(items, {
    title: t('Orphaned Processes'),
    placeHolder: t('Select the processes to end, or press Escape to keep them all'),
  });
  return (chosen ?? []).map(({ pid }) => pid);
}

function reportFindings({ checks, processes }: DoctorReport): void {
  const bad = checks.filter(({ status }) => status !== 'ok').length;
  const ended = processes.filter(({ outcome }) => outcome === 'ended').length;
  const found =
    bad === 0
      ? t('No problems found.')
      : t('{0} of {1} checks found a problem. See the report for details.', bad, checks.length);
  const text = ended === 0 ? found : t('Processes ended: {0}. {1}', ended, found);
  return bad === 0 ? inform(text) : warn(text);
}

/** @returns the text that was copied to the clipboard */
export const copyMcpConfiguration: Handler = async (app, [given]) => {
  const place = { home: homedir(), env: process.env, platform: process.platform };
  const items = mcpClientIds.map((id) => {
    const { title, files }: McpClient = mcpClients[id];
    const [file = ''] = files(place);
    return { id, label: title, description: file.replace(place.home, '~') };
  });
  const placeHolder = t('Select the agent to configure');
  const item = items.find(({ id }) => id === given) ?? (await vscode.window.showQuickPick(items, { placeHolder }));
  if (!item) return undefined;
  const text = mcpConfiguration(mcpClients[item.id], bgjobsCommand(app.context));
  await vscode.env.clipboard.writeText(text);
  inform(t('Configuration copied. Add it to {0} for {1}.', item.description, item.label));
  return text;
};
