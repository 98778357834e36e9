/** What the timeline of all jobs and the extension say to each other. Times are milliseconds since the epoch. */

/** What a state means for a bar: its color, and the filter that it passes. */
export const outcomes = ['running', 'waiting', 'completed', 'failed', 'stopped'] as const;
export type Outcome = (typeof outcomes)[number];

/** A job, as the timeline needs it. All texts are in the language of the reader. */
export interface TimelineJob {
  readonly id: string;
  readonly title: string;
  readonly session: string;
  readonly created: number;
  /** Since when it waits in the queue, or waited before its last run. */
  readonly queued: number;
  /** When it was to start; null for at once. */
  readonly due: number | null;
  /** The jobs that it depends on. */
  readonly after: readonly string[];
  /** Whether its runs follow each other by themselves. */
  readonly isRetried: boolean;
  /** Of a job that waits now, or was canceled before it ran; null for any other. */
  readonly wait: TimelineWait | null;
  readonly runs: readonly TimelineRun[];
}

export interface TimelineWait {
  /** When it was canceled; null while it waits. */
  readonly to: number | null;
  /** What it waits for, or how its wait has ended. */
  readonly text: string;
  /** Whether it waits for a slot, and not for a time, another job or a person. */
  readonly isQueued: boolean;
}

export interface TimelineRun {
  readonly number: number;
  readonly from: number;
  /** Null while it goes on. */
  readonly to: number | null;
  readonly outcome: Outcome;
  /** How it ended, or what it does. */
  readonly text: string;
}

export type ToTimeline =
  | { readonly type: 'words'; readonly words: TimelineWords }
  | {
      readonly type: 'jobs';
      /** Whether these are all that is known: what was sent before is forgotten. */
      readonly isNew: boolean;
      readonly jobs: readonly TimelineJob[];
      /** The ids of those that are no more. */
      readonly removed: readonly string[];
    }
  | {
      readonly type: 'progress';
      /** Jobs that ended after this time are there; -Infinity is not JSON, so null for all. */
      readonly loadedFrom: number | null;
      readonly isLoading: boolean;
      /** Why there is nothing new; empty while all is well. */
      readonly problem: string;
    }
  | {
      readonly type: 'limits';
      /** How many jobs run at once; 0 for any number. */
      readonly all: number;
      /** Per session. */
      readonly each: number;
      readonly sessions: Readonly<Record<string, number>>;
    };

export type FromTimeline =
  /** It has loaded, or shows another time: jobs that ended after `from` are wanted; null for all. */
  | { readonly type: 'want'; readonly isNew: boolean; readonly from: number | null }
  | { readonly type: 'open'; readonly jobId: string };

export interface TimelineWords {
  readonly timeline: string;
  readonly range: string;
  readonly lastQuarter: string;
  readonly lastHour: string;
  readonly lastDay: string;
  readonly all: string;
  readonly zoomIn: string;
  readonly zoomOut: string;
  readonly session: string;
  readonly allSessions: string;
  readonly state: string;
  readonly allStates: string;
  readonly outcomes: Readonly<Record<Outcome, string>>;
  readonly table: string;
  readonly job: string;
  readonly waited: string;
  readonly started: string;
  readonly duration: string;
  readonly showMore: string;
  readonly none: string;
  readonly loading: string;
  readonly keys: string;
  /** With `{0}` for a number. */
  readonly running: string;
  readonly runningOf: string;
  readonly queued: string;
  readonly ended: string;
  readonly failed: string;
  readonly mostRunning: string;
  readonly mostQueued: string;
  readonly lane: string;
  /** With `{0}` for how long. */
  readonly waits: Readonly<Record<'time' | 'hold' | 'retry' | 'slot', string>>;
  /** With `{1}` for a name. */
  readonly waitedForJob: string;
}
