import type { TimelineWords } from '../../webview/timelineMessages.ts';
import { t } from '../base/l10n.ts';

/** What the page fills in. */
const [first, second] = ['{0}', '{1}'];

export function timelineWords(): TimelineWords {
  return {
    timeline: t('Job Timeline'),
    range: t('Time Range'),
    lastQuarter: t('15 Minutes'),
    lastHour: t('1 Hour'),
    lastDay: t('1 Day'),
    all: t('All'),
    zoomIn: t('Zoom In'),
    zoomOut: t('Zoom Out'),
    session: t('Session'),
    allSessions: t('All Sessions'),
    state: t('State'),
    allStates: t('All States'),
    outcomes: {
      running: t('Running'),
      waiting: t('Waiting'),
      completed: t('Completed'),
      failed: t('Failed'),
      stopped: t('Stopped'),
    },
    table: t('Show as Table'),
    job: t('Job'),
    waited: t('Waited'),
    started: t('Started'),
    duration: t('Duration'),
    showMore: t('Show More'),
    none: t('No jobs in this time range.'),
    loading: t('Loading…'),
    keys: t(
      'Use the Up and Down arrow keys to select a job, Enter to open it, the Left and Right arrow keys to move in time, and + and - to zoom.',
    ),
    running: t('{0} running', first),
    runningOf: t('{0} of {1} running', first, second),
    queued: t('{0} in the queue', first),
    ended: t('{0} ended', first),
    failed: t('{0} failed', first),
    mostRunning: t('up to {0} running at once', first),
    mostQueued: t('up to {0} in the queue', first),
    lane: t('at most {0} at once', first),
    waits: {
      time: t('Waited {0} for its start time', first),
      hold: t('On hold for {0}', first),
      retry: t('Waited {0} for the next attempt', first),
      slot: t('Waited {0} to start', first),
    },
    waitedForJob: t('Waited {0} for "{1}"', first, second),
  };
}
