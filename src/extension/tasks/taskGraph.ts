import { BgJobsError } from '../../api/errors.ts';
import type { Job } from '../../api/job.ts';
import { t } from '../base/l10n.ts';
import { cannotRun, allTasks, runnable, taskMeant, type RunnableTask } from './workspaceTasks.ts';
import type { Answers } from './answers.ts';
import { fillTask } from './fill.ts';
import type { JobStart } from '../base/jobStart.ts';
import { keyOfTask, type TaskRunner } from './taskRunner.ts';

interface Step {
  task: RunnableTask;
  dependsOn: Step[];
  inSequence: boolean;
  /** Undefined for what starts no job of its own here. */
  start: JobStart | undefined;
}

/** A task of tasks.json with all that it depends on. */
export class TaskGraph {
  readonly #runner: TaskRunner;
  readonly #answers: Answers;
  readonly #steps = new Map<string, Step>();
  readonly #settled = new Map<Step, Promise<boolean>>();

  constructor(runner: TaskRunner) {
    this.#runner = runner;
    this.#answers = runner.answers();
  }

  /**
   * Prompts for all inputs, runs the dependencies, then the task.
   * @returns its job; undefined when the user has canceled, or when it has none of its own
   * @throws BgJobsError when a task is missing, cannot be a job, depends on itself, or on one that failed
   */
  async run(task: RunnableTask, change: (start: JobStart) => JobStart): Promise<Job | undefined> {
    const step = this.#plan(task, runnable(await allTasks()), []);
    if (!(await this.#ask())) return undefined;
    if (!step.start) return void (await this.#settle(step));
    await this.#runDependencies(step);
    const start = await this.#startOf(step);
    return start && (await this.#runner.run(task, change(start))).job;
  }

  #plan(task: RunnableTask, all: readonly RunnableTask[], above: readonly string[]): Step {
    const key = keyOfTask(task);
    if (above.includes(key)) throw new BgJobsError('invalid_request', cannotRun(task.name, t('it depends on itself')));
    const known = this.#steps.get(key);
    if (known) return known;
    const { dependsOn = [], dependsOrder } = task.described ?? {};
    const dependencies = task.what.type === 'job' ? [] : dependsOn;
    const step = {
      task,
      dependsOn: dependencies.map((reference) => this.#plan(meant(reference, task, all), all, [...above, key])),
      inSequence: dependsOrder === 'sequence',
      start: undefined,
    };
    this.#steps.set(key, step);
    return step;
  }

  /** Prompts for one input at a time, before anything starts. */
  async #ask(): Promise<boolean> {
    for (const step of this.#steps.values()) {
      step.start = await this.#fill(step);
      if (!step.start && step.task.what.type === 'command') return false;
    }
    return true;
  }

  async #fill({ task }: Step): Promise<JobStart | undefined> {
    if (task.what.type !== 'command') return undefined;
    const start = await fillTask(task, task.what.execution, this.#answers);
    return start && { ...start, request: { capture: 'merged', ...start.request } };
  }

  /** What the tasks before it have said is filled in when they have said it. */
  async #startOf(step: Step): Promise<JobStart | undefined> {
    return JSON.stringify(step.task.what).includes('${taskVar:') ? this.#fill(step) : step.start;
  }

  async #runDependencies({ task, dependsOn, inSequence }: Step): Promise<void> {
    const failed = (step: Step): BgJobsError =>
      new BgJobsError(
        'invalid_state',
        t('"{0}" was not started: it depends on "{1}", which did not succeed.', task.name, step.task.name),
      );
    if (inSequence) {
      for (const step of dependsOn) if (!(await this.#settle(step))) throw failed(step);
    } else {
      const settled = await Promise.all(dependsOn.map(async (step) => ({ step, ok: await this.#settle(step) })));
      for (const { step, ok } of settled) if (!ok) throw failed(step);
    }
  }

  /** The first caller runs the step; later callers wait for the same run. */
  #settle(step: Step): Promise<boolean> {
    let settled = this.#settled.get(step);
    if (!settled) this.#settled.set(step, (settled = this.#runStep(step)));
    return settled;
  }

  async #runStep(step: Step): Promise<boolean> {
    const running = this.#runner.running(step.task);
    if (running) return running.settled;
    await this.#runDependencies(step);
    return step.task.what.type === 'compound' || (await this.#runner.run(step.task, await this.#startOf(step))).settled;
  }
}

function meant(reference: unknown, by: RunnableTask, all: readonly RunnableTask[]): RunnableTask {
  const found = taskMeant(reference, all, by.folder);
  if (found) return found;
  const name = typeof reference === 'string' ? reference : JSON.stringify(reference);
  throw new BgJobsError(
    'invalid_request',
    cannotRun(by.name, t('it depends on "{0}", which is not a task in this folder', name)),
  );
}
