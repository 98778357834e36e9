import { button, element } from './elements.ts';
import type { PageContent, PageMessage, PageUsage, PageWords, RelatedJob, RunRow } from './pageMessages.ts';
import { sparkline } from './sparkline.ts';

export type Send = (message: PageMessage) => void;

export function actions({ actions }: PageContent, send: Send): Node[] {
  return actions.map(({ name, label }, index) =>
    button(name, label, () => send({ type: 'act', action: name }), index === 0 ? 'primary' : ''),
  );
}

export function details(rows: PageContent['details']): Node[] {
  return rows.map(([label, text]) => element('div', {}, element('dt', {}, label), element('dd', {}, text)));
}

export function runs(rows: readonly RunRow[], words: PageWords, send: Send): Node[] {
  const body = rows.map(({ number, label, state, duration }) =>
    row([button(`run ${number}`, label, () => send({ type: 'log', run: number }), 'link'), state, duration]),
  );
  return [table([words.run, words.state, words.duration], body)];
}

export function related(jobs: readonly RelatedJob[], send: Send): Node[] {
  return jobs.map(({ id, name, note }) =>
    element(
      'li',
      {},
      button(`job ${id}`, name, () => send({ type: 'open', jobId: id }), 'link'),
      ` ${note}`,
    ),
  );
}

export function charts({ charts }: PageUsage): Node[] {
  return charts.map(sparkline);
}

export function processes({ processes }: PageUsage, words: PageWords): Node[] {
  const body = processes.map(({ pid, command, cpu, memory }) => row([String(pid), command, cpu, memory]));
  return [table([words.pid, words.command, words.cpu, words.memory], body)];
}

function table(columns: readonly string[], body: Node[]): HTMLElement {
  const heads = columns.map((column) => element('th', { scope: 'col' }, column));
  return element('table', {}, element('thead', {}, element('tr', {}, ...heads)), element('tbody', {}, ...body));
}

function row(cells: readonly (Node | string)[]): HTMLElement {
  return element('tr', {}, ...cells.map((cell) => element('td', {}, cell)));
}
