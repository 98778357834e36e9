import { element, svgElement } from './elements.ts';
import type { PageChart } from './pageMessages.ts';

const width = 300;
const height = 48;
/** The samples that fill the width. When there are more, they stand closer. */
const least = 30;

/** A line over time that ends at the right with the newest value, from 0 to the highest one. */
export function sparkline({ label, text, description, values }: PageChart): HTMLElement {
  const highest = Math.max(...values, Number.MIN_VALUE);
  const step = width / (Math.max(values.length, least) - 1);
  const from = width - (values.length - 1) * step;
  const points = values.map((value, at) => [from + at * step, height - 1 - (value / highest) * (height - 2)] as const);
  const line = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  const area = `${from.toFixed(1)},${height} ${line} ${width},${height}`;
  return element(
    'figure',
    {},
    element('figcaption', {}, `${label} `, element('strong', {}, text)),
    svgElement(
      'svg',
      {
        viewBox: `0 0 ${width} ${height}`,
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': description,
      },
      svgElement('polygon', { points: area, class: 'area' }),
      svgElement('polyline', { points: line, class: 'line' }),
    ),
  );
}
