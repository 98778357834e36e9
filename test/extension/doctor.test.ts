import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import type { DoctorReport } from '../../src/api/inspection.ts';
import { until } from '../helpers/until.ts';
import { removeAllJobs, start, untilEnded } from './support.ts';

describe('The doctor', () => {
  afterEach(removeAllJobs);

  it('shows what earlier runs have left, and ends what is chosen', async () => {
    const script = 'setsid sleep 609 >/dev/null 2>&1 & until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.02; done';
    const job = await start({ command: script });
    await untilEnded(job.id);
    let done = false;
    const diagnosis = vscode.commands.executeCommand<DoctorReport>(commands.doctor);
    const report = Promise.resolve(diagnosis).finally(() => (done = true));
    await until('the doctor is done', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return done || undefined;
    });
    const { checks, processes } = await report;
    assert.deepEqual(
      processes.filter(({ jobId }) => jobId === job.id).map(({ command, outcome }) => [command, outcome]),
      [['sleep 609', 'ended']],
    );
    assert.deepEqual(
      checks.filter(({ status }) => status !== 'ok'),
      [],
    );
  });

  it('ends the rest of what is chosen when some of it has ended by itself', async () => {
    const leave = (seconds: number): string =>
      `setsid sleep ${seconds} >/dev/null 2>&1 & until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.02; done`;
    const job = await start({ command: [611, 612].map(leave).join('\n') });
    await untilEnded(job.id);
    const before = await vscode.commands.executeCommand<DoctorReport>(commands.doctor, []);
    const first = before.processes.find(({ command }) => command === 'sleep 611');
    assert.ok(first);
    let done = false;
    const diagnosis = vscode.commands.executeCommand<DoctorReport>(commands.doctor);
    const report = Promise.resolve(diagnosis).finally(() => (done = true));
    await until(
      'the report is shown',
      () =>
        vscode.window.visibleTextEditors.some(({ document }) => document.getText().includes('sleep 612')) || undefined,
    );
    process.kill(first.pid, 'SIGKILL');
    await until('the doctor is done', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return done || undefined;
    });
    assert.deepEqual(
      (await report).processes.filter(({ jobId }) => jobId === job.id).map(({ outcome }) => outcome),
      ['ended'],
    );
  });

  it('writes a report to send', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bgjobs-report-'));
    const file = join(folder, 'report.zip');
    assert.equal(await vscode.commands.executeCommand(commands.createReport, file), file);
    const { editor } = JSON.parse(strFromU8(unzipSync(readFileSync(file))['versions.json']!)) as { editor: string };
    assert.ok(editor.endsWith(vscode.version));
    rmSync(folder, { recursive: true });
  });

  it('answers a caller without a question', async () => {
    const report = await vscode.commands.executeCommand<DoctorReport>(commands.doctor, []);
    assert.ok(report.checks.some(({ id }) => id === 'host'));
  });
});
