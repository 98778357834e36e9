import * as vscode from 'vscode';
import type * as Doctor from '../../doctor/main.ts';
import { doctorBundle, packageVersion } from '../../bundles.ts';
import type { DoctorReport, LeftProcess } from '../../api/inspection.ts';
import { originPhrase, reportText } from '../../text/doctorText.ts';
import { t } from '../base/l10n.ts';
import { withoutIcons } from '../base/readableText.ts';
import { bytes, shorten } from '../../text/grammar.ts';
import type { App, Handler } from './app.ts';

type End = Doctor.DoctorOptions['end'];

/** Pids that are to be ended can be given, or `all`; then nothing is asked. */
export const doctor: Handler = async (app, [given]) => {
  if (given === 'all' || Array.isArray(given)) return examine(app, given as End);
  const report = await examine(app);
  app.doctor.show(reportText(report, Date.now()));
  const endable = report.processes.filter(({ keptBecause }) => keptBecause === null);
  const pids = endable.length === 0 ? [] : await pick(endable);
  if (pids.length === 0) {
    tell(report);
    return report;
  }
  const after = await endThose(app, pids);
  app.doctor.show(reportText(after, Date.now()));
  tell(after);
  return after;
};

/** Some of them may have ended by themselves while the list was open. */
async function endThose(app: App, chosen: readonly number[]): Promise<DoctorReport> {
  const { processes } = await examine(app);
  return examine(
    app,
    chosen.filter((pid) => processes.some((process) => process.pid === pid)),
  );
}

function examine({ home }: App, end?: End): Thenable<DoctorReport> {
  const title =
    end === undefined ? t('Looking at everything that jobs need…') : t('Ending what earlier runs have left…');
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async () => {
    const library = (await import(doctorBundle)) as typeof Doctor;
    return library.examine({ home, version: packageVersion(), ...(end === undefined ? {} : { end }) });
  });
}

/** @returns the pids of those that are chosen; those of this store are to begin with */
async function pick(processes: readonly LeftProcess[]): Promise<number[]> {
  const items = processes.map((process) => ({
    label: withoutIcons(shorten(process.command, 120)),
    description: [t('pid {0}', process.pid), ...(process.memory === null ? [] : [bytes(process.memory)])].join(' · '),
    detail: originPhrase(process),
    picked: process.isOfThisStore,
    pid: process.pid,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
    title: t('What Earlier Runs Have Left'),
    placeHolder: t('Choose the processes to end, or press Escape to keep all'),
  });
  return (chosen ?? []).map(({ pid }) => pid);
}

function tell({ checks, processes }: DoctorReport): void {
  const bad = checks.filter(({ status }) => status !== 'ok').length;
  const ended = processes.filter(({ outcome }) => outcome === 'ended').length;
  const found =
    bad === 0 ? t('Nothing is wrong.') : t('{0} of {1} checks found something: see the report.', bad, checks.length);
  const text = ended === 0 ? found : t('Processes ended: {0}. {1}', ended, found);
  void (bad === 0 ? vscode.window.showInformationMessage(text) : vscode.window.showWarningMessage(text));
}
