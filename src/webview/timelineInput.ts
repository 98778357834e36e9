import type { Bar } from './timelineBars.ts';
import { zoomStep } from './timelineTools.ts';

export interface InputActions {
  /** @param factor below 1: a shorter time. @param x what stays where it is, CSS pixels */
  readonly zoom: (factor: number, x?: number) => void;
  /** @param share of what is shown; above 0: towards later */
  readonly pan: (share: number) => void;
  /** @param step how many bars further; below 0: back */
  readonly select: (step: number) => void;
  /** @param bar the selected one if it is not given */
  readonly open: (bar?: Bar) => void;
  /** The mouse is on a bar, or on none. @param x in the window, CSS pixels */
  readonly point: (bar: Bar | undefined, x: number, y: number) => void;
  /** @param y from the top of all lanes */
  readonly barAt: (x: number, y: number) => Bar | undefined;
  readonly scroll: () => void;
}

/** A mouse that moves less has clicked. */
const dragFrom = 4;
const panStep = 0.2;

/** Keys and mouse of the lanes. */
export function listenTo(lanes: HTMLElement, actions: InputActions): void {
  lanes.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = keyActions(actions)[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  lanes.addEventListener('scroll', () => actions.scroll());
  lanes.addEventListener(
    'wheel',
    (event) => {
      const { deltaX, deltaY, ctrlKey, metaKey, shiftKey, offsetX } = event;
      if (ctrlKey || metaKey) actions.zoom(Math.exp(clamp(deltaY, 100) / 250), offsetX);
      else if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) actions.pan((deltaX || deltaY) / lanes.clientWidth);
      else return;
      event.preventDefault();
    },
    { passive: false },
  );
  let dragged: { x: number; isMoving: boolean } | undefined;
  lanes.addEventListener('pointerdown', (event) => {
    if (event.button === 0 && event.offsetX < lanes.clientWidth) dragged = { x: event.clientX, isMoving: false };
  });
  lanes.addEventListener('pointermove', (event) => {
    const { clientX, clientY, buttons } = event;
    if (!dragged || buttons === 0) {
      actions.point(barUnder(event), clientX, clientY);
      return;
    }
    if (!dragged.isMoving && Math.abs(clientX - dragged.x) < dragFrom) return;
    lanes.setPointerCapture(event.pointerId);
    actions.pan((dragged.x - clientX) / lanes.clientWidth);
    dragged = { x: clientX, isMoving: true };
  });
  lanes.addEventListener('pointerup', (event) => {
    const bar = dragged?.isMoving === false ? barUnder(event) : undefined;
    dragged = undefined;
    if (bar) actions.open(bar);
  });
  lanes.addEventListener('pointerleave', () => actions.point(undefined, 0, 0));

  function barUnder({ clientX, clientY }: MouseEvent): Bar | undefined {
    const { left, top } = lanes.getBoundingClientRect();
    return actions.barAt(clientX - left, clientY - top + lanes.scrollTop);
  }
}

function keyActions({ zoom, pan, select, open }: InputActions): Partial<Record<string, () => void>> {
  return {
    '+': () => zoom(1 / zoomStep),
    '=': () => zoom(1 / zoomStep),
    '-': () => zoom(zoomStep),
    ArrowLeft: () => pan(-panStep),
    ArrowRight: () => pan(panStep),
    ArrowUp: () => select(-1),
    ArrowDown: () => select(1),
    Enter: () => open(),
  };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(-most, value));
}
