import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commands, views } from '../../src/extension/base/ids.ts';
import type { JobTree } from '../../src/extension/view/jobTree.ts';
import type { Node } from '../../src/extension/view/jobTree.ts';
import { until } from '../helpers/until.ts';
import { extension, removeAllJobs, service, start, untilEnded, untilRunning, workspaceFolder } from './support.ts';

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
      'workspace: 1 running',
      '  Running: 1',
      '    server: play-circle',
      '  Waiting: 1',
      '    later: lock',
      '  Finished: 1',
      '    build: error',
      'agent: 1 running',
      '  Running: 1',
      '    elsewhere: play-circle',
    ]);
    const states = (await tree.getChildren()).map((node) => tree.getTreeItem(node).collapsibleState);
    const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    assert.deepEqual(states, [Expanded, Collapsed]);
  });

  it('says everything in the tooltip, with what was written until now', async () => {
    const job = await start({ command: 'echo hello; sleep 600', name: '[server](command:x)' });
    await (await service()).waitForJob(job.id, { for: '/hello/' });
    const node = tree.job(job.id);
    const item = await tree.resolveTreeItem(tree.getTreeItem(node), node);
    assert.ok(item.tooltip instanceof vscode.MarkdownString);
    assert.match(item.tooltip.value, /\*\*\\\[server\\\]\\\(command&#58;x\\\)\*\*/);
    assert.match(item.tooltip.value, /6 B stdout/);
    assert.notEqual(item.tooltip.isTrusted, true);
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

  it('counts what runs on the badge and in the status bar', async () => {
    const { view } = await extension();
    const { statusBar } = view;
    await vscode.commands.executeCommand('workbench.action.closeSidebar');
    await until('nobody looks at the tree', () => !view.view.visible || undefined);
    const job = await start({ command: 'sleep 600' });
    await untilRunning(job.id);
    await until('the badge', () => view.view.badge?.value === 1 || undefined);
    assert.equal(statusBar.text, '$(sync~spin) 1');
    await vscode.commands.executeCommand(commands.kill, job.id);
    const failed = await start({ command: 'exit 1' });
    await untilEnded(failed.id);
    await until('no badge', () => view.view.badge === undefined || undefined);
    assert.equal(statusBar.text, '$(error) 1');
    await vscode.commands.executeCommand(`${views.jobs}.focus`);
    await until('the failure has been seen', () => statusBar.text === '' || undefined);
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
