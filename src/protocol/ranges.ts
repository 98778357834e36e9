/** The most that a limit on running jobs can be. */
export const mostRunningJobs = 10_000;
