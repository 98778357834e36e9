import { button, element, fill } from './elements.ts';
import type { Bar } from './timelineBars.ts';
import type { TimelineWords } from './timelineMessages.ts';
import { runTime, stateOf, timeText, waitTime } from './timelineText.ts';

const pageSize = 100;

/** The same as the lanes in words: for screen readers, and to be copied. It has the newest rows, and more on demand. */
export class TimelineTable {
  readonly #target: HTMLElement;
  readonly #open: (jobId: string) => void;
  #rows = pageSize;

  constructor(target: HTMLElement, open: (jobId: string) => void) {
    this.#target = target;
    this.#open = open;
  }

  /** @param bars the newest first */
  show(bars: readonly Bar[], words: TimelineWords, now: number): void {
    const shown = bars.slice(0, this.#rows).map((bar) => ({
      key: `${bar.job.id} ${bar.run?.number ?? ''}`,
      id: bar.job.id,
      title: bar.job.title,
      cells: [
        bar.job.session,
        stateOf(bar),
        waitTime(bar, now),
        bar.run ? timeText(bar.run.from) : '',
        runTime(bar, now),
      ],
    }));
    const more = bars.length > shown.length;
    fill(this.#target, { shown, more }, () => {
      const heads = [words.job, words.session, words.state, words.waited, words.started, words.duration];
      const rows = shown.map(({ key, id, title, cells }) =>
        element(
          'tr',
          {},
          element(
            'th',
            { scope: 'row' },
            button(key, title, () => this.#open(id), 'link'),
          ),
          ...cells.map((cell) => element('td', {}, cell)),
        ),
      );
      const head = element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)));
      const table = element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
      const showMore = (): void => {
        this.#rows += pageSize;
        this.show(bars, words, Date.now());
      };
      return more ? [table, button('more', words.showMore, showMore)] : [table];
    });
  }
}
