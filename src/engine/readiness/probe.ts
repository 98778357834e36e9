/** What shows that a job is ready. */
export interface Found {
  /** For people: the line, the address, the file. */
  text: string;
  /** Where a browser finds it; null when nothing tells. */
  url: string | null;
}

export interface ProbeSignals {
  /** Nothing more will come, or the time is up: a probe looks once more and answers. */
  last: AbortSignal;
  /** A probe breaks off, with undefined. */
  abort: AbortSignal;
}
