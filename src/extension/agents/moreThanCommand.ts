import type { StartRequest } from '../../api/options.ts';

/** Whether a start does more than its command shows, or runs later or repeatedly: then no pattern can allow it. */
export function isMoreThanCommand(what: StartRequest, isOutside: boolean): boolean {
  return isOutside || changesWhatRuns(what) || runsLater(what);
}

function changesWhatRuns({ env = {}, envFile, stdin }: StartRequest): boolean {
  return Object.keys(env).length > 0 || envFile !== undefined || stdin?.type === 'text';
}

/** Allowing a command means running it now, and once. */
function runsLater({ at, cron, restart }: StartRequest): boolean {
  return at !== undefined || cron !== undefined || (restart !== undefined && restart.policy !== 'never');
}
