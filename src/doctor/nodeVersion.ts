import type { Check } from '../api/inspection.ts';
import { ok, problem } from './check.ts';

/** The store is SQLite, of which Node has been bringing its own since 22.13. */
export async function checkNode(version: string): Promise<Check> {
  try {
    await import('node:sqlite');
    return ok('node', `Node ${version}`);
  } catch {
    return problem('node', `Node ${version} has no SQLite`, 'Use Node 22.13 or later. Nothing else was looked at.');
  }
}
