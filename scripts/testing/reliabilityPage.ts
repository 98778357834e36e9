import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { top } from '../editor/places.ts';

/** The generated parts of docs/reliability.md. */
type Section = 'trees' | 'histories';

const path = join(top, 'docs', 'reliability.md');

/** Replaces a generated part of the page, with the date on which it was measured. */
export async function writeSection(section: Section, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${section} -->`, `<!-- end of ${section} -->`];
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [before = '', rest = ''] = page.split(begin);
  const [, after = ''] = rest.split(end);
  const dated = `Measured on ${new Date().toISOString().slice(0, 10)}.\n\n${text}`;
  const content = `${before}${begin}\n\n${dated}\n\n${end}${after}`;
  writeFileSync(path, await format(content, { ...(await resolveConfig(path)), parser: 'markdown' }));
}
