import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartRequest } from '../../src/api/options.ts';
import { top } from '../../scripts/editor/places.ts';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

/** The first of each is not counted: the code of its commands is loaded then. */
const starts = 16;
const jobs = 10_000;
const inOneRequest = 1000;
const pages = 10;
const scrollMs = 6000;

const label = (index: number): string => `measured ${index}`;
const tasks = Array.from({ length: starts }, (_, index) => ({
  label: label(index),
  type: 'shell',
  command: `echo of task ${index}.`,
  problemMatcher: [],
}));

/**
 * What a person waits for in a window, measured there and told by `npm run bench -- extension`: a test of how long something
 * takes would fail on a busy machine.
 */
describe('What a window makes wait for', () => {
  const editor = useEditor({ files: { '.vscode/tasks.json': JSON.stringify({ version: '2.0.0', tasks }) } });
  const times: Record<string, number[]> = {};

  before(async () => {
    await editor.workbench.openContainer('Background Jobs');
    await editor.workbench.tree('Jobs').waitForWelcome(/Start Job/);
  });
  after(() => {
    mkdirSync(join(top, 'out'), { recursive: true });
    writeFileSync(join(top, 'out', 'windowTimes.json'), JSON.stringify(times));
  });

  /** From the key Enter until an element with this text is drawn, in milliseconds; by the clock of the window. */
  async function fromEnter(selector: string, text: string, act: () => Promise<void>): Promise<number> {
    const { page } = editor.workbench;
    await page.evaluate(`{
      globalThis.measured = undefined;
      let pressed;
      const look = () => {
        const elements = document.querySelectorAll(${JSON.stringify(selector)});
        const text = (one) => one.textContent.replaceAll('\\u00a0', ' ');
        if (pressed === undefined || ![...elements].some((one) => text(one).includes(${JSON.stringify(text)}))) return;
        // When the frame has been drawn.
        requestAnimationFrame(() => (globalThis.measured ??= performance.now() - pressed));
        observer.disconnect();
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { subtree: true, childList: true, characterData: true });
      const onKey = ({ key }) => {
        if (key !== 'Enter') return;
        pressed = performance.now();
        removeEventListener('keydown', onKey, true);
      };
      addEventListener('keydown', onKey, true);
    }`);
    await act();
    return (await (
      await page.waitForFunction('globalThis.measured', undefined, { polling: 50 })
    ).jsonValue()) as number;
  }

  it('is measured: from Enter in Start Job to the row, and in Run Task to the terminal, in turn', async function () {
    this.timeout(300_000);
    const { workbench } = editor;
    const { quickInput } = workbench;
    const [rows, terminals]: [number[], number[]] = [[], []];
    for (let index = 0; index < starts; index++) {
      await workbench.runCommand('Background Jobs: Start Job…');
      await quickInput.waitFor('Enter a command');
      await quickInput.type(`: of job ${index}.`);
      const row = '.pane-body .monaco-list-row .label-name';
      rows.push(await fromEnter(row, `: of job ${index}.`, () => workbench.page.keyboard.press('Enter')));
      await workbench.runCommand('Tasks: Run Task');
      await quickInput.waitFor('Select the task to run');
      await quickInput.type(label(index));
      await until('the task is found', async () =>
        (await quickInput.items())[0]?.label === label(index) ? true : undefined,
      );
      const line = '.xterm-rows > div';
      terminals.push(await fromEnter(line, `of task ${index}.`, () => workbench.page.keyboard.press('Enter')));
    }
    Object.assign(times, { rowMs: rows.slice(1), terminalMs: terminals.slice(1) });
    assert.equal(rows.length, starts);
  });

  it(`is measured: the frames of a tree of ${jobs} jobs, scrolling and at rest`, async function () {
    this.timeout(600_000);
    const { workbench } = editor;
    const { page } = workbench;
    const store = storeOf(editor);
    const tree = workbench.tree('Jobs');
    await store.cleanUp();
    for (let made = 0; made < jobs; made += inOneRequest) {
      const requests = Array.from({ length: inOneRequest }, (_, index): StartRequest => {
        return { argv: ['true'], cwd: editor.workspace, session: 'workspace', name: `job ${made + index}`, held: true };
      });
      await store.startJobs(requests);
    }
    await tree.waitForRow('Waiting', ({ description }) => description === '10,000');
    // The click collapses it.
    await tree.click('workspace');
    await page.keyboard.press('ArrowRight');
    await tree.waitForRow('job 0');
    for (let loaded = 20; loaded < 20 + 100 * pages; loaded += 100) {
      const left = `${(jobs - loaded).toLocaleString('en')} more`;
      await until(`the last row says "${left}"`, async () => {
        await page.keyboard.press('End');
        return (await tree.rows()).at(-1)?.description === left || undefined;
      });
      await page.keyboard.press('Enter');
    }
    const frames = async (act: () => Promise<void>): Promise<number[]> => {
      await page.evaluate(`{
        const frames = (globalThis.frames_ = []);
        let last = performance.now();
        const draw = (now) => {
          frames.push(now - last);
          last = now;
          if (globalThis.frames_ === frames) requestAnimationFrame(draw);
        };
        requestAnimationFrame(draw);
      }`);
      await act();
      return page.evaluate<number[]>(`{ const found = frames_.slice(1); globalThis.frames_ = undefined; found; }`);
    };
    const box = await tree.pane.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 60, box.y + 120);
    const restFrames = await frames(() => page.waitForTimeout(scrollMs));
    const scrollFrames = await frames(async () => {
      const end = performance.now() + scrollMs;
      for (let step = 0; performance.now() < end; step++) {
        await page.mouse.wheel(0, Math.floor(step / 60) % 2 === 0 ? 120 : -120);
        await page.waitForTimeout(16);
      }
    });
    Object.assign(times, { restFrames, scrollFrames });
    assert.ok(scrollFrames.length > 20, String(scrollFrames.length));
    store.dispose();
  });
});
