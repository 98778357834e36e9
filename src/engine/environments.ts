/** The callers' environments of jobs that may still start: in memory alone, because they hold what must not be stored. */
export class Environments {
  readonly #byJob = new Map<string, NodeJS.ProcessEnv>();

  keep(jobId: string, env: Record<string, string> | undefined): void {
    if (env) this.#byJob.set(jobId, env);
  }

  /** The second job gets that of the first. */
  share(jobId: string, otherId: string): void {
    const env = this.#byJob.get(jobId);
    if (env) this.#byJob.set(otherId, env);
  }

  /** The caller's environment; after a restart of the host, the host's own. */
  of(jobId: string): NodeJS.ProcessEnv {
    return this.#byJob.get(jobId) ?? process.env;
  }

  has(jobId: string): boolean {
    return this.#byJob.has(jobId);
  }

  forget(jobId: string): void {
    this.#byJob.delete(jobId);
  }
}
