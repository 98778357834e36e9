import { randomInt } from 'node:crypto';
import { isFree } from '../../scripts/editor/freePort.ts';

/** A free port of those that the system does not hand out by itself, as a server has one. */
export async function usualPort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    if (await isFree(port)) return port;
  }
}
