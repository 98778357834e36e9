import { fill, setText } from './elements.ts';
import type { PageContent } from './pageMessages.ts';
import * as sections from './sections.ts';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; setState(state: unknown): void };

const editor = acquireVsCodeApi();
const send: sections.Send = (message) => editor.postMessage(message);
const part = (id: string): HTMLElement => document.getElementById(id)!;

window.addEventListener('message', ({ data }: MessageEvent<PageContent>) => show(data));
send({ type: 'ready' });

function show(content: PageContent): void {
  const { jobId, words, usage, runs, before, after } = content;
  // With it the page comes back when the window is reloaded.
  editor.setState({ jobId });
  document.title = content.title;
  setText(part('title'), content.title);
  setText(part('command'), content.command);
  part('command').hidden = content.command === '';
  part('state').dataset['status'] = content.status;
  setText(part('state'), content.state);
  setText(part('more'), content.more);
  part('actions').setAttribute('aria-label', words.actions);
  fill(part('actions'), content.actions, () => sections.actions(content, send));

  section('details', words.details, content.details, () => sections.details(content.details));
  section('runs', words.runs, runs, () => sections.runs(runs, words, send));
  section('before', words.before, before, () => sections.related(before, send));
  section('after', words.after, after, () => sections.related(after, send));
  section('processes', words.processes, usage?.processes ?? [], () => (usage ? sections.processes(usage, words) : []));
  fill(part('charts'), usage?.charts ?? [], () => (usage ? sections.charts(usage) : []));
  showOutput(content);
}

/** A section without content is not there, also for screen readers. */
function section(id: string, heading: string, data: readonly unknown[], draw: () => Node[]): void {
  part(`${id}-section`).hidden = data.length === 0;
  setText(part(`${id}-heading`), heading);
  fill(part(id), data, draw);
}

/** The end stays in sight, unless somebody has scrolled away from it. */
function showOutput({ output, words, command }: PageContent): void {
  const target = part('output');
  part('output-section').hidden = command === '';
  setText(part('output-heading'), words.output);
  const text = output === '' ? words.noOutput : output;
  if (target.textContent === text) return;
  const isAtEnd = target.scrollTop + target.clientHeight >= target.scrollHeight - 4;
  target.textContent = text;
  if (isAtEnd) target.scrollTop = target.scrollHeight;
}
