import type { Job } from '../../api/job.ts';
import { isActive, isEnded, isWaiting } from '../../api/values.ts';
import type { ItemFlag } from '../base/ids.ts';
import { hasPlace } from '../model/groups.ts';

/** What can be done with a job in its state. The menus of the tree and the pickers of the palette use it. */
export function jobFlags(job: Job, muted: boolean): ItemFlag[] {
  const { status } = job;
  const active = isActive(status);
  const ended = isEnded(status);
  const waits = status === 'pending' || status === 'scheduled';
  const can: Partial<Record<ItemFlag, boolean>> = {
    kill: active || waits || job.leftovers.length > 0,
    signal: active,
    pause: status === 'running',
    resume: status === 'paused',
    restart: active || ended,
    rerun: job.codingAgent === null && job.options.cron === null,
    continue: ended && job.codingAgent !== null,
    hold: waits,
    release: status === 'held',
    startNow: status === 'scheduled',
    move: hasPlace(job),
    priority: isWaiting(status),
    dependencies: isWaiting(status),
    schedule: job.schedule !== null,
    input: active && job.options.stdin === 'pipe',
    log: job.run !== null,
    browse: active && job.url !== null,
    inspect: active || job.leftovers.length > 0,
    remove: ended || status === 'held',
    [job.pinned ? 'unpin' : 'pin']: true,
    [muted ? 'unmute' : 'mute']: true,
  };
  return ['job', ...(Object.keys(can) as ItemFlag[]).filter((flag) => can[flag])];
}
