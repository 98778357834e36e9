import * as z from 'zod';
import { endReasons, jobStatuses } from './states.ts';

export const jobStatus = z.enum(jobStatuses);
export const runStatus = jobStatus.exclude(['held', 'scheduled', 'pending', 'cancelled']);
export const endReason = z.enum(endReasons);
