interface Shared {
  env: NodeJS.ProcessEnv;
  text: string;
  jobs: number;
}

/**
 * The callers' environments of jobs that have not ended, for their next run: in memory alone, because they hold what
 * must not be stored. Most jobs come from few places, so those that are alike are held once.
 */
export class Environments {
  readonly #byJob = new Map<string, Shared>();
  readonly #byText = new Map<string, Shared>();

  keep(jobId: string, env: Record<string, string> | undefined): void {
    if (!env) return;
    const text = JSON.stringify(env);
    this.#give(jobId, this.#byText.get(text) ?? { env, text, jobs: 0 });
  }

  /** The second job gets that of the first. */
  share(jobId: string, otherId: string): void {
    const shared = this.#byJob.get(jobId);
    if (shared) this.#give(otherId, shared);
  }

  /** The caller's environment; after a restart of the host, the host's own. */
  of(jobId: string): NodeJS.ProcessEnv {
    return this.#byJob.get(jobId)?.env ?? process.env;
  }

  has(jobId: string): boolean {
    return this.#byJob.has(jobId);
  }

  forget(jobId: string): void {
    const shared = this.#byJob.get(jobId);
    if (!shared) return;
    this.#byJob.delete(jobId);
    shared.jobs--;
    if (shared.jobs === 0) this.#byText.delete(shared.text);
  }

  #give(jobId: string, shared: Shared): void {
    shared.jobs++;
    this.#byText.set(shared.text, shared);
    this.forget(jobId);
    this.#byJob.set(jobId, shared);
  }
}
