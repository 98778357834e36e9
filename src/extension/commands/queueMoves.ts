import type { MoveRequest } from '../../api/control.ts';

/**
 * In which order to move several jobs, so that they keep their order among themselves: those at the end that they are
 * moved to stay where they are.
 * @param order all that stand in the same queue
 * @returns those of the selected that have to be moved
 */
export function movesOf(order: readonly string[], selected: readonly string[], to: MoveRequest['to']): string[] {
  if (selected.length <= 1) return [...selected];
  const inOrder = order.filter((id) => selected.includes(id));
  switch (to) {
    case 'first':
      return inOrder.reverse();
    case 'last':
      return inOrder;
    case 'up':
      return behindTheFront(order, inOrder);
    case 'down':
      return behindTheFront(order.toReversed(), inOrder.reverse());
  }
}

/** Without the selected ones that stand together at the front. */
function behindTheFront(order: readonly string[], selected: readonly string[]): string[] {
  const atFront = selected.findIndex((id, index) => order[index] !== id);
  return atFront < 0 ? [] : selected.slice(atFront);
}
