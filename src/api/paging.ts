import * as z from 'zod';

/** A number or a position in a query, where every value arrives as text. */
export const count = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** The `limit` of a list. @param items what a page holds, for its description */
export function pageLimit(items: string) {
  return z.coerce.number().int().min(1).max(1000).default(100).describe(`Maximum number of ${items} on a page`);
}
