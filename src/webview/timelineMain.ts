import { onLookChange } from './canvas.ts';
import { Timeline, type StoredView } from './timeline.ts';
import type { FromTimeline, ToTimeline } from './timelineMessages.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
  getState(): unknown;
};

const editor = acquireVsCodeApi();
// With the state the timeline comes back as it was when its tab is shown again, or the window is reloaded.
const timeline = new Timeline(editor.getState() as StoredView | undefined, {
  send: (message: FromTimeline) => editor.postMessage(message),
  store: (view: StoredView) => editor.setState(view),
});
window.addEventListener('message', ({ data }: MessageEvent<ToTimeline>) => timeline.receive(data));
new ResizeObserver(() => timeline.redraw()).observe(document.body);
onLookChange(() => timeline.look());
