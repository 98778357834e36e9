import * as z from 'zod';

/** ISO 8601, UTC, milliseconds. */
export const time = z.iso.datetime();
