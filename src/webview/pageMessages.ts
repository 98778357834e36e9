/**
 * `webview` is code of a browser: the page of a job, which shows what the extension sends and decides nothing. This file is
 * what both sides say to each other. All texts are in the language of the reader.
 */

/** Everything that a page shows. */
export interface PageContent {
  readonly jobId: string;
  readonly title: string;
  /** Empty for a job that was removed. */
  readonly command: string;
  readonly status: string;
  /** Is announced by screen readers when it changes. */
  readonly state: string;
  /** What changes all the time: how long it runs. */
  readonly more: string;
  readonly actions: readonly PageAction[];
  readonly details: readonly (readonly [label: string, text: string])[];
  readonly runs: readonly RunRow[];
  readonly before: readonly RelatedJob[];
  readonly after: readonly RelatedJob[];
  readonly usage: PageUsage | null;
  readonly output: string;
  readonly words: PageWords;
}

/** A button. The name is that of a command. */
export interface PageAction {
  readonly name: string;
  readonly label: string;
}

export interface RunRow {
  readonly number: number;
  readonly label: string;
  readonly state: string;
  readonly duration: string;
}

export interface RelatedJob {
  readonly id: string;
  readonly name: string;
  readonly note: string;
}

export interface PageUsage {
  readonly charts: readonly PageChart[];
  readonly processes: readonly {
    readonly pid: number;
    readonly command: string;
    readonly cpu: string;
    readonly memory: string;
  }[];
}

export interface PageChart {
  readonly label: string;
  /** The newest value. */
  readonly text: string;
  /** What the line shows, for those who do not see it. */
  readonly description: string;
  /** From the oldest to the newest, at equal intervals. */
  readonly values: readonly number[];
}

export interface PageWords {
  readonly actions: string;
  readonly details: string;
  readonly runs: string;
  readonly run: string;
  readonly state: string;
  readonly duration: string;
  readonly before: string;
  readonly after: string;
  readonly processes: string;
  readonly pid: string;
  readonly command: string;
  readonly cpu: string;
  readonly memory: string;
  readonly output: string;
  readonly noOutput: string;
}

/** What a page sends: it has loaded, a button, a run whose log is wanted, and a job whose page is wanted. */
export type PageMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'act'; readonly action: string }
  | { readonly type: 'log'; readonly run: number }
  | { readonly type: 'open'; readonly jobId: string };
