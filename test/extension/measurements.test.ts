import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import { extension, removeAllJobs, start, untilEnded, workspaceFolder } from './support.ts';

const id = 'background-jobs.background-jobs';

/** What VS Code itself notes in its extension host: names, and milliseconds. */
interface Marks {
  MonacoPerformanceMarks?: { getMarks(): { name: string; startTime: number }[] };
}

/** Measured here, told by `npm run bench -- extension`: a test of how long something takes would fail on a busy machine. */
describe('What the extension costs the editor', () => {
  afterEach(removeAllJobs);

  it('is measured: activation, and the delay of the extension host by a job that floods its open channel', async () => {
    await extension();
    const activationMs = between('LoadExtensionCode') + between('ActivateExtension');

    const job = await start({ command: 'yes "a line of output" | head -c 100000000', cwd: workspaceFolder() });
    await vscode.commands.executeCommand(commands.showOutput, job.id);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await untilEnded(job.id);
    delay.disable();
    const floodDelayP99Ms = delay.percentile(99) / 1e6;

    for (const ms of [activationMs, floodDelayP99Ms]) assert.ok(ms > 0, String(ms));
    const path = join(vscode.extensions.getExtension(id)?.extensionPath ?? '', 'out', 'editorTimes.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ activationMs, floodDelayP99Ms }));
  });
});

function between(what: string): number {
  const marks = (globalThis as Marks).MonacoPerformanceMarks?.getMarks() ?? [];
  const at = (when: string): number => {
    const mark = marks.find(({ name }) => name === `code/extHost/${when}${what}/${id}`);
    assert.ok(mark, `VS Code has noted ${when}${what}`);
    return mark.startTime;
  };
  return at('did') - at('will');
}
