import type { Job } from '../../protocol/job.ts';
import { isActive, isEnded } from '../../protocol/states.ts';
import type { ItemFlag } from '../ids.ts';

/** What can be done with a job as it is. The tree's menus and the pickers of the palette go by it. */
export function jobFlags(job: Job, muted: boolean): ItemFlag[] {
  const active = isActive(job.status);
  const ended = isEnded(job.status);
  const can: Partial<Record<ItemFlag, boolean>> = {
    kill: active || job.status === 'pending' || job.status === 'scheduled' || job.leftovers.length > 0,
    signal: active,
    pause: job.status === 'running',
    resume: job.status === 'paused',
    restart: active || ended,
    continue: ended && job.codingAgent !== null,
    release: job.status === 'held',
    input: active && job.options.stdin === 'pipe',
    log: job.run !== null,
    browse: active && job.url !== null,
    inspect: active || job.leftovers.length > 0,
    remove: ended || job.status === 'held',
    [job.pinned ? 'unpin' : 'pin']: true,
    [muted ? 'unmute' : 'mute']: true,
  };
  return ['job', ...(Object.keys(can) as ItemFlag[]).filter((flag) => can[flag])];
}
