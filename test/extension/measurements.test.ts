import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { commands } from '../../src/extension/base/ids.ts';
import { extension, removeAllJobs, start, untilEnded, workspaceFolder } from './support.ts';

const rounds = 3;
/** Bytes: it goes on for a second or two, so that a percentile is one of a thousand values. */
const flood = 'yes "a line of output" | head -c 1073741824';

const id = 'background-jobs.background-jobs';
const npm = 'vscode.npm';

/** What VS Code itself notes in its extension host: names, and milliseconds. */
interface Marks {
  MonacoPerformanceMarks?: { getMarks(): { name: string; startTime: number }[] };
}

/** Measured here, told by `npm run bench -- extension`: a test of how long something takes would fail on a busy machine. */
describe('What the extension costs the editor', () => {
  afterEach(removeAllJobs);

  it('is measured: activation, and the delay of the extension host by a job that floods its open channel', async () => {
    await extension();
    const activationMs = activationOf(id);
    // VS Code's own extension for the tasks of npm, for comparison.
    await vscode.extensions.getExtension(npm)?.activate();
    const npmActivationMs = activationOf(npm);

    // In turn with the same job whose channel is closed, because the flood also takes the editor's share of the machine.
    const [floodDelayP99Ms, closedDelayP99Ms]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      closedDelayP99Ms.push(await delayDuring(flood, () => undefined));
      floodDelayP99Ms.push(await delayDuring(flood, (job) => vscode.commands.executeCommand(commands.showOutput, job)));
    }

    for (const ms of [activationMs, npmActivationMs, ...floodDelayP99Ms, ...closedDelayP99Ms])
      assert.ok(ms > 0, String(ms));
    const path = join(vscode.extensions.getExtension(id)?.extensionPath ?? '', 'out', 'editorTimes.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ activationMs, npmActivationMs, floodDelayP99Ms, closedDelayP99Ms }));
  });
});

/** @returns the 99th percentile of the delay of the event loop (milliseconds) */
async function delayDuring(command: string, open: (jobId: string) => unknown): Promise<number> {
  const job = await start({ command, cwd: workspaceFolder() });
  await open(job.id);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await untilEnded(job.id);
  delay.disable();
  await removeAllJobs();
  return delay.percentile(99) / 1e6;
}

/** In milliseconds. */
function activationOf(extensionId: string): number {
  return between('LoadExtensionCode', extensionId) + between('ActivateExtension', extensionId);
}

function between(what: string, extensionId: string): number {
  const marks = (globalThis as Marks).MonacoPerformanceMarks?.getMarks() ?? [];
  const at = (when: string): number => {
    const mark = marks.find(({ name }) => name === `code/extHost/${when}${what}/${extensionId}`);
    assert.ok(mark, `VS Code has noted ${when}${what} of ${extensionId}`);
    return mark.startTime;
  };
  return at('did') - at('will');
}
