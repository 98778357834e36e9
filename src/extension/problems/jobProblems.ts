import { createRequire } from 'node:module';
import type * as vscode from 'vscode';
import type { Job } from '../../api/job.ts';
import { isActive } from '../../api/values.ts';
import { matchersBundle } from '../../bundles.ts';
import { commandText, jobTitle } from '../../text/grammar.ts';
import { storageKeys } from '../base/ids.ts';
import type { ServiceSource } from '../base/jobStart.ts';
import type * as Matching from '../matching/main.ts';
import type { JobModel } from '../model/jobModel.ts';
import type { FollowerOptions, OutputFollower, RunText } from '../output/outputFollower.ts';
import { isWatching, knownMatchers, ProblemsPanel, taskOutput } from './problems.ts';

/** As much of an output is read at once, and may be unread, as for a terminal (bytes). */
const pace = { appendBytes: 262_144, mostBehind: 16_777_216 };
/** Commands whose matchers are remembered; the oldest are forgotten. */
const mostCommands = 200;

interface Deps {
  model: JobModel;
  connection: ServiceSource;
  /** Session of the jobs that this window starts. */
  session: () => string;
  newFollower: (options: FollowerOptions) => OutputFollower;
  /** Storage of this workspace. */
  state: vscode.Memento;
}

/** The problems that jobs of this window report, by the problem matchers that somebody has chosen for their commands. */
export class JobProblems {
  readonly #deps: Deps;
  readonly #panel = new ProblemsPanel();
  /** By job: its output is being matched. */
  readonly #matched = new Map<string, OutputFollower>();
  readonly #subscriptions: { dispose(): void }[];

  constructor(deps: Deps) {
    this.#deps = deps;
    const { model } = deps;
    const isOurs = (job: Job): boolean => job.session === deps.session();
    this.#subscriptions = [
      model.onDidChange(({ all, jobs }) => {
        for (const [id, follower] of this.#matched) if (all || jobs.has(id)) follower.wake();
        if (Object.keys(this.#remembered()).length === 0) return;
        const changed = all ? model.jobs() : [...jobs].flatMap((id) => model.job(id) ?? []);
        for (const job of changed) if (isActive(job.status) && isOurs(job)) this.#match(job);
      }),
      // A short one may never be seen running.
      model.onDidEnd(({ job }) => {
        if (isOurs(job) && job.run !== null) this.#match(job);
      }),
      model.onDidRemove((id) => this.#leave(id)),
    ];
  }

  /** The names of the matchers that can be chosen, without a dollar sign. */
  static names(): string[] {
    const { builtInMatchers } = createRequire(matchersBundle)(matchersBundle) as typeof Matching;
    return [...new Set([...Object.keys(builtInMatchers), ...knownMatchers().matchers.keys()])].sort();
  }

  matchersOf(job: Job): readonly string[] {
    return this.#remembered()[commandText(job)] ?? [];
  }

  /** Remembers the matchers of the job's command, and matches what the job has written and will write. */
  async choose(job: Job, names: readonly string[]): Promise<void> {
    const { [commandText(job)]: _before, ...others } = this.#remembered();
    const kept = Object.entries(others).slice(1 - mostCommands);
    const all = names.length === 0 ? kept : [...kept, [commandText(job), [...names]] as const];
    await this.#deps.state.update(storageKeys.matchers, Object.fromEntries(all));
    this.#leave(job.id);
    this.#match(job);
  }

  dispose(): void {
    for (const part of [...this.#subscriptions, ...this.#matched.values(), this.#panel]) part.dispose();
  }

  #remembered(): Record<string, string[]> {
    return this.#deps.state.get(storageKeys.matchers, {});
  }

  #match(job: Job): void {
    const names = this.matchersOf(job);
    if (names.length === 0 || this.#matched.has(job.id)) return;
    const begin = (): Matching.TaskMatching =>
      taskOutput({
        name: jobTitle(job),
        matchers: names.map((name) => `$${name}`),
        isBackground: names.some(isWatching),
        panel: this.#panel,
        owner: commandText(job),
        folder: job.cwd,
        resolve: (text) => text.replaceAll(/\$\{(workspaceFolder|cwd)\}/g, () => job.cwd),
        done: () => undefined,
      });
    let matching = begin();
    const text: RunText = {
      output: (chunks) => chunks.map((chunk) => chunk.text).join(''),
      runStart: () => {
        matching = begin();
        return '';
      },
      runEnd: () => {
        void matching.end();
        return '';
      },
    };
    const follower = this.#deps.newFollower({
      jobId: job.id,
      service: () => this.#deps.connection.service,
      text,
      pace,
      append: (written) => void matching.push(written),
      gone: () => this.#leave(job.id),
    });
    this.#matched.set(job.id, follower);
    void follower.follow();
  }

  #leave(jobId: string): void {
    this.#matched.get(jobId)?.dispose();
    this.#matched.delete(jobId);
  }
}
