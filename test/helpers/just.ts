import { delimiter, join } from 'node:path';

/** The fake `just` prints the content of `FILE.dump.json` for `FILE`. */
export const justFixtures = join(import.meta.dirname, '..', 'fixtures', 'just');

/** An environment in which the fake `just` is the first one on the PATH. */
export function envWithJust(): NodeJS.ProcessEnv & { PATH: string } {
  return { ...process.env, PATH: `${join(justFixtures, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` };
}
