/**
 * Where jobs of a queue go that are dropped on one of them: they take its place, so they come before it from below, and after
 * it from above.
 * @param order all of the queue
 * @param selected those that are moved, in the same order
 * @returns the one that they come right before, which is none of them; undefined for the end of the queue
 */
export function droppedAt(order: readonly string[], selected: readonly string[], onto: string): string | undefined {
  const from = order.findIndex((id) => selected.includes(id));
  const target = order.indexOf(onto);
  const first = from < target ? target + 1 : target;
  return order.slice(first).find((id) => !selected.includes(id));
}
