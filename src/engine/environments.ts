/** The callers' environments of jobs that wait: in memory alone, because they hold what must not be stored. */
export class Environments {
  readonly #byJob = new Map<string, NodeJS.ProcessEnv>();

  keep(jobId: string, env: Record<string, string> | undefined): void {
    if (env) this.#byJob.set(jobId, env);
  }

  /** The caller's environment; after a restart of the host, the host's own. */
  of(jobId: string): NodeJS.ProcessEnv {
    return this.#byJob.get(jobId) ?? process.env;
  }

  forget(jobId: string): void {
    this.#byJob.delete(jobId);
  }
}
