/** The most that a limit on running jobs can be. */
export const mostRunningJobs = 10_000;

/** No delay before an attempt is longer, unless another bound is given (milliseconds). */
export const longestDelayMs = 300_000;
