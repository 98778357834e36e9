import axe from 'axe-core';
import assert from 'node:assert/strict';
import type { Workbench } from './workbench.ts';

/** The rules that the visible webview breaks, with the elements. @param mark a selector of what only that page has */
export async function violations({ page }: Workbench, mark: string): Promise<string[]> {
  const found = await Promise.all(
    page.frames().map(async (frame) => {
      const count = frame.locator(mark).count();
      return (await count.catch(() => 0)) > 0 ? [frame] : [];
    }),
  );
  const [frame] = found.flat();
  assert.ok(frame, `no frame has ${mark}`);
  await frame.evaluate(axe.source);
  return frame.evaluate<string[]>(`axe.run().then(({ violations, passes }) => {
    if (passes.length < 10) throw new Error('axe has checked only ' + passes.length + ' rules');
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary));
  })`);
}
