import { button, element, fill } from './elements.ts';
import type { Filter } from './timelineJobs.ts';
import { outcomes, type Outcome, type TimelineWords } from './timelineMessages.ts';
import { dayMs, hourMs, quarterMs, type Shown } from './timeRange.ts';

export interface Tools {
  readonly words: TimelineWords;
  readonly shown: Shown;
  readonly filter: Filter;
  readonly sessions: readonly string[];
  readonly isTable: boolean;
}

export interface ToolActions {
  show(shown: Shown): void;
  zoom(factor: number): void;
  filter(filter: Filter): void;
  table(isTable: boolean): void;
}

export const zoomStep = 1.5;

/** The buttons and lists above the timeline. */
export function showTools(target: HTMLElement, tools: Tools, actions: ToolActions): void {
  const { words, shown, filter, sessions, isTable } = tools;
  const { follow } = shown;
  const isPart = typeof follow === 'number' ? follow : (follow ?? 0);
  fill(target, { words, isPart, filter, sessions, isTable }, () => {
    const ranges: [Exclude<Shown['follow'], null>, string][] = [
      [quarterMs, words.lastQuarter],
      [hourMs, words.lastHour],
      [dayMs, words.lastDay],
      ['all', words.all],
    ];
    const rangeButtons = ranges.map(([value, label]) =>
      toggle(`range ${value}`, label, follow === value, () => actions.show({ follow: value })),
    );
    const states = outcomes.map((outcome) => [outcome, words.outcomes[outcome]] as const);
    return [
      group(words.range, ...rangeButtons),
      group(
        words.range,
        named(
          button('out', '−', () => actions.zoom(zoomStep)),
          words.zoomOut,
        ),
        named(
          button('in', '+', () => actions.zoom(1 / zoomStep)),
          words.zoomIn,
        ),
      ),
      list('session', words.session, [['', words.allSessions], ...sessions.map((name) => [name, name] as const)], {
        value: filter.session,
        choose: (session) => actions.filter({ ...filter, session }),
      }),
      list('state', words.state, [['', words.allStates], ...states], {
        value: filter.outcome,
        choose: (outcome) => actions.filter({ ...filter, outcome: outcome as Outcome | '' }),
      }),
      toggle('table', words.table, isTable, () => actions.table(!isTable)),
    ];
  });
}

function group(label: string, ...children: Node[]): HTMLElement {
  return element('div', { role: 'group', 'aria-label': label }, ...children);
}

function named(made: HTMLButtonElement, label: string): HTMLButtonElement {
  made.setAttribute('aria-label', label);
  made.title = label;
  return made;
}

function toggle(key: string, label: string, isPressed: boolean, press: () => void): HTMLButtonElement {
  const made = button(key, label, press);
  made.setAttribute('aria-pressed', String(isPressed));
  return made;
}

function list(
  key: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  { value, choose }: { value: string; choose: (value: string) => void },
): HTMLSelectElement {
  const made = element(
    'select',
    { 'data-key': key, 'aria-label': label },
    ...options.map(([name, text]) => element('option', { value: name }, text)),
  );
  made.value = value;
  made.addEventListener('change', () => choose(made.value));
  return made;
}
