import type { HardShape } from './hardShapes.ts';
import { endTree, failedOutcome, startTree, type Outcome, type Tree, type WayName } from './killWays.ts';
import { TortureHost } from './tortureHost.ts';

export interface Pair {
  shape: HardShape;
  way: WayName;
}

/** How many trees are there at once. */
const atOnce = 6;

/** Starts and ends a tree for each pair. */
export async function runPairs(pairs: readonly Pair[]): Promise<Outcome[]> {
  await using host = await TortureHost.start();
  const [ofNext, others] = [true, false].map((isOfNext) => pairs.filter(({ way }) => (way === 'newHost') === isOfNext));
  const outcomes: Outcome[] = [];
  const start = async ({ shape, way }: Pair): Promise<Tree | undefined> => {
    try {
      return await startTree(host, shape, way);
    } catch (error) {
      outcomes.push(failedOutcome(shape, way, error));
      return undefined;
    }
  };
  const waiting = (others ?? []).values();
  const work = async (): Promise<void> => {
    for (const pair of waiting) {
      const tree = await start(pair);
      if (tree) outcomes.push(await endTree(host, tree));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));

  // One death of the host for all of them.
  const started = (await Promise.all((ofNext ?? []).map(start))).filter((tree) => tree !== undefined);
  if (started.length > 0) await host.killHost();
  outcomes.push(...(await Promise.all(started.map((tree) => endTree(host, tree)))));
  return outcomes;
}
