import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import { until } from '../helpers/until.ts';
import { removeAllJobs, service, workspaceFolder } from './support.ts';

/** The tasks.json of a public project, untouched, with the compilers that it names. */
describe('The tasks of a public project', () => {
  const path = (...parts: string[]): string => join(workspaceFolder(), ...parts);
  const file = vscode.Uri.file(path('src', 'extension.ts'));
  const own = ['esbuild.js', 'tsconfig.json', 'package.json', 'node_modules', 'src', 'dist'];

  before(async () => {
    const project = process.env['PUBLIC_PROJECT'] ?? '';
    for (const name of own) rmSync(path(name), { recursive: true, force: true });
    for (const name of ['esbuild.js', 'tsconfig.json']) cpSync(join(project, name), path(name));
    mkdirSync(path('.vscode'), { recursive: true });
    cpSync(join(project, 'vscode', 'tasks.json'), path('.vscode', 'tasks.json'));
    const modules = vscode.extensions.all.find(({ id }) => id.endsWith('.background-jobs'))?.extensionPath ?? '';
    symlinkSync(join(modules, 'node_modules'), path('node_modules'));
    const scripts = {
      'watch:esbuild': 'node esbuild.js --watch',
      'watch:tsc': 'tsc --noEmit --watch --project tsconfig.json',
    };
    writeFileSync(path('package.json'), JSON.stringify({ scripts }));
    mkdirSync(path('src'));
    writeFileSync(file.fsPath, 'export const port: number = "8080";\n');
    await until(
      'the tasks are known',
      async () => (await vscode.tasks.fetchTasks()).some(({ name }) => name === 'tasks: watch-tests') || undefined,
      60_000,
    );
  });

  after(async () => {
    for (const execution of vscode.tasks.taskExecutions) execution.terminate();
    await until('no task runs', () => vscode.tasks.taskExecutions.length === 0 || undefined);
    await removeAllJobs();
    for (const name of own) rmSync(path(name), { recursive: true, force: true });
  });

  it('run as jobs, the compound one too, and their matchers fill the Problems panel and empty it', async () => {
    await vscode.commands.executeCommand(commands.start, { task: 'watch' });
    const { jobs } = await (await service()).listJobs();
    assert.deepEqual(jobs.map(({ command, status }) => `${command}: ${status}`).sort(), [
      'npm run watch:esbuild: running',
      'npm run watch:tsc: running',
    ]);
    const isWrong = (): vscode.Diagnostic | undefined =>
      vscode.languages.getDiagnostics(file).find(({ message }) => message.includes('not assignable'));
    const problem = await until('the error of the compiler', isWrong, 60_000);
    assert.deepEqual([problem.code, problem.range.start.line], ['2322', 0]);
    writeFileSync(file.fsPath, 'export const port: number = 8080;\n');
    await until('the error is gone', () => !isWrong() || undefined, 60_000);
  });
});
