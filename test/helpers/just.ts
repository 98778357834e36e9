import { delimiter, join } from 'node:path';

/** What the stand-in for just prints of `FILE` lies in `FILE.dump.json`. */
export const justFixtures = join(import.meta.dirname, '..', 'fixtures', 'just');

/** An environment in which the stand-in is the first `just` on the PATH. */
export function envWithJust(): NodeJS.ProcessEnv & { PATH: string } {
  return { ...process.env, PATH: `${join(justFixtures, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` };
}
