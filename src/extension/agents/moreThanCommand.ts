import type { StartRequest } from '../../api/options.ts';

/** Whether what is started, or when and how often, is more than its command tells: then no pattern settles it with yes. */
export function isMoreThanCommand(what: StartRequest, isOutside: boolean): boolean {
  return isOutside || changesWhatRuns(what) || runsLater(what);
}

function changesWhatRuns({ env = {}, envFile, stdin }: StartRequest): boolean {
  return Object.keys(env).length > 0 || envFile !== undefined || stdin?.type === 'text';
}

/** Whoever allows a command means now, and once. */
function runsLater({ at, cron, restart }: StartRequest): boolean {
  return at !== undefined || cron !== undefined || (restart !== undefined && restart.policy !== 'never');
}
