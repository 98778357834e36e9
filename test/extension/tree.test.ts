import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands, views } from '../../src/extension/base/ids.ts';
import type { JobTree } from '../../src/extension/view/jobTree.ts';
import type { Node } from '../../src/extension/view/nodes.ts';
import { until } from '../helpers/until.ts';
import {
  extension,
  removeAllJobs,
  service,
  start,
  untilEnded,
  untilKnown,
  untilRunning,
  workspaceFolder,
} from './support.ts';

describe('The tree', () => {
  let tree: JobTree;
  before(async () => (tree = (await extension()).view.tree));
  afterEach(removeAllJobs);

  it('shows sessions, in them groups, in them jobs, this window’s session first', async () => {
    const running = await start({ command: 'sleep 600', name: 'server' });
    const held = await start({ command: 'true', name: 'later', held: true });
    const failed = await start({ command: 'exit 3', name: 'build' });
    const other = await start({ command: 'sleep 600', name: 'elsewhere', session: 'agent' });
    for (const { id } of [running, other]) await untilRunning(id);
    await untilEnded(failed.id);
    assert.ok(held);
    assert.deepEqual(await outline(), [
      'workspace: 1 running · 1 waiting · 1 failed · 1 finished',
      '  New Failures: 1',
      '    build: error',
      '  Running: 1',
      '    server: play-circle',
      '  Waiting: 1',
      '    later: lock',
      'agent: 1 running',
      '  Running: 1',
      '    elsewhere: play-circle',
    ]);
    const states = (await tree.getChildren()).map((node) => tree.getTreeItem(node).collapsibleState);
    const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    assert.deepEqual(states, [Expanded, Collapsed]);
    const labels = (await tree.getChildren()).map((node) => tree.getTreeItem(node).accessibilityInformation?.label);
    assert.deepEqual(labels, [
      'This window\'s session "workspace", 1 running, 1 waiting, 1 failed, 1 finished',
      'Session "agent", 1 running',
    ]);
  });

  it('forgets removed jobs with all of their runs', async () => {
    const host = await service();
    const left: number[] = [];
    for (let round = 0; round < 2; round++) {
      const { id } = await start({ command: 'true', name: 'again' });
      await untilEnded(id);
      await host.restartJob(id, {});
      await untilKnown(id, 'run twice', ({ runs, status }) => runs.length === 2 && status === 'completed');
      await tree.getChildren(tree.job(id));
      const full = tree.size;
      await removeAllJobs();
      // The job and its two runs.
      left.push(await until('its nodes are gone', () => (tree.size <= full - 3 ? tree.size : undefined)));
    }
    // Sessions and groups stay.
    assert.equal(left[1], left[0]);
  });

  it('shows the job that ended last first, however early it was created', async () => {
    const host = await service();
    const late = await start({
      command: 'until [ -e late ]; do sleep 0.05; done',
      name: 'late',
      cwd: workspaceFolder(),
    });
    for (const name of ['first', 'second']) {
      await untilEnded((await start({ command: 'true', name })).id);
    }
    writeFileSync(join(workspaceFolder(), 'late'), '');
    await host.waitForJob(late.id);
    await untilEnded(late.id);
    assert.deepEqual((await outline()).slice(1), [
      '  Finished: 3',
      '    late: pass',
      '    second: pass',
      '    first: pass',
    ]);
  });

  it('shows the runs of a job that ran more than once below it', async () => {
    const job = await start({ command: '[ -e again ] && exit 4; : > again', name: 'twice', cwd: workspaceFolder() });
    await untilEnded(job.id);
    await vscode.commands.executeCommand(commands.restart, job.id);
    await untilKnown(job.id, 'failed', ({ status }) => status === 'failed');
    const runs = await tree.getChildren(tree.job(job.id));
    const items = runs.map((node) => tree.getTreeItem(node));
    assert.deepEqual(
      items.map(({ label }) => label),
      ['Run 2', 'Run 1'],
    );
    assert.match(String(items[0]?.description), /^failed \(exit code 4\) after/);
    await vscode.commands.executeCommand(commands.showOutput, runs[1]);
    await until('the log of the first run is open', () =>
      /"run":1\b/.test(vscode.window.activeTextEditor?.document.uri.query ?? '') ? true : undefined,
    );
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('says in the tooltip what it does, and trusts only its own links there', async () => {
    const job = await start({ command: 'echo hello; sleep 600', name: '[server](command:x)' });
    await (await service()).waitForJob(job.id, { for: '/hello/' });
    const node = tree.job(job.id);
    const item = await tree.resolveTreeItem(tree.getTreeItem(node), node);
    assert.ok(item.tooltip instanceof vscode.MarkdownString);
    assert.match(item.tooltip.value, /\*\*\\\[server\\\]\\\(command&#58;x\\\)\*\*/);
    assert.match(item.tooltip.value, /^Running for /m);
    assert.match(item.tooltip.value, /\[Show Output\]\(command:backgroundJobs\.showOutput\?/);
    assert.deepEqual(item.tooltip.isTrusted, {
      enabledCommands: [commands.showOutput, commands.restart, commands.copyId],
    });
    assert.match(item.accessibilityInformation?.label ?? '', /^\[server\]\(command:x\), running, /);
  });

  it('shows how far a job is in its row and its tooltip while somebody looks', async () => {
    const { view } = await extension();
    await vscode.commands.executeCommand(`${views.jobs}.focus`);
    await until('the tree is visible', () => view.view.visible || undefined);
    const file = join(workspaceFolder(), 'share');
    writeFileSync(file, '30');
    // A bar as tqdm draws it, as far as the file says.
    const bar = `printf '\\rfiles: %3d%%|███   | [00:02<00:03]' "$(cat share)" >&2`;
    const job = await start({ command: `while sleep 0.2; do ${bar}; done`, name: 'bar', cwd: workspaceFolder() });
    await untilRow(job.id, /^30%/);
    writeFileSync(file, '60');
    await untilRow(job.id, /^60%/);
    const node = tree.job(job.id);
    const { tooltip } = await tree.resolveTreeItem(tree.getTreeItem(node), node);
    assert.ok(tooltip instanceof vscode.MarkdownString);
    assert.match(tooltip.value.replaceAll('\\', ''), /^Progress: files&#58; 60%\|███ \| /m);
  });

  it('loads finished jobs by pages of a hundred', async () => {
    const host = await service();
    const starts = Array.from({ length: 103 }, () =>
      host.startJob({ argv: ['true'], cwd: workspaceFolder(), session: 'many' }),
    );
    const jobs = (await Promise.all(starts)).map(({ job }) => job);
    for (const { id } of jobs) await host.waitForJob(id);
    await (await extension()).connection.need();
    const { model } = await extension();
    await until('all have finished', () => model.total('many', 'finished') === 103 || undefined);
    const session = (await tree.getChildren()).find((node) => node.type === 'session' && node.session === 'many');
    const [group] = await tree.getChildren(session);
    const page = await tree.getChildren(group);
    assert.equal(page.length, 101);
    assert.equal(page.at(-1)?.type, 'more');
    model.wantMore('many', 'finished');
    assert.equal((await tree.getChildren(group)).length, 103);
  });

  it('counts what runs in this window on the badge and in the status bar, and failures until they are looked at', async () => {
    const { view } = await extension();
    const { statusBar } = view;
    await vscode.commands.executeCommand('workbench.action.closeSidebar');
    await until('nobody looks at the tree', () => !view.view.visible || undefined);
    const job = await start({ command: 'sleep 600' });
    const elsewhere = await start({ command: 'sleep 600', session: 'elsewhere' });
    for (const { id } of [job, elsewhere]) await untilRunning(id);
    await until('the badge', () => view.view.badge?.value === 1 || undefined);
    assert.equal(statusBar.text, '$(play-circle) 1');
    await vscode.commands.executeCommand(commands.kill, job.id);
    const failed = await start({ command: 'exit 1' });
    await untilEnded(failed.id);
    await until('the badge', () => view.view.badge?.tooltip === '1 failed since you last looked' || undefined);
    assert.equal(statusBar.text, '$(error) 1');
    await vscode.commands.executeCommand(`${views.jobs}.focus`);
    await until('the failure has been seen', () => statusBar.text === '' || undefined);
    await until('no badge', () => view.view.badge === undefined || undefined);
    const { model } = await extension();
    assert.equal(model.total('workspace', 'failed'), 1, 'it stays on top while somebody looks');
    await vscode.commands.executeCommand('workbench.action.closeSidebar');
    await until('it is among the others', () => model.total('workspace', 'failed') === 0 || undefined);
    assert.equal(model.total('workspace', 'finished'), 2);
  });

  async function untilRow(id: string, words: RegExp): Promise<void> {
    await until(`the row reads ${String(words)}`, () => {
      const { description } = tree.getTreeItem(tree.job(id));
      return words.test(String(description)) || undefined;
    });
  }

  async function outline(node?: Node, indent = ''): Promise<string[]> {
    const lines: string[] = [];
    for (const child of await tree.getChildren(node)) {
      const { label, description, iconPath } = tree.getTreeItem(child);
      const told = child.type === 'job' && iconPath instanceof vscode.ThemeIcon ? iconPath.id : description;
      lines.push(`${indent}${label as string}: ${String(told)}`, ...(await outline(child, `${indent}  `)));
    }
    return lines;
  }
});
