import type { Job } from '../../api/job.ts';
import type { Choice } from './choice.ts';

/** More than the scripts of a project. */
const most = 500;

/** The newest jobs, to find the last one of something that can be started. */
export class LastJobs {
  #jobs: Job[] = [];

  /** @param jobs newest first */
  reset(jobs: readonly Job[]): void {
    this.#jobs = jobs.slice(0, most);
  }

  /** A new job, or a newer view of one. */
  put(job: Job): void {
    const index = this.#jobs.findIndex(({ id }) => id === job.id);
    if (index >= 0) this.#jobs[index] = job;
    else this.#jobs = [job, ...this.#jobs].slice(0, most);
  }

  remove(id: string): void {
    this.#jobs = this.#jobs.filter((job) => job.id !== id);
  }

  /** By the name and the folder of the job. */
  named(name: string, cwd: string): Job | undefined {
    return this.#jobs.find((job) => job.name === name && job.cwd === cwd);
  }

  of(choice: Choice): Job | undefined {
    return this.#jobs.find((job) => isOf(job, choice));
  }
}

function isOf(job: Job, choice: Choice): boolean {
  if (choice.type === 'template') return job.name === (choice.template.definition['name'] ?? choice.template.name);
  if (choice.type === 'task') return job.name === choice.task.name && job.cwd.startsWith(choice.task.folder.uri.fsPath);
  const { command, cwd, required = [] } = choice.line;
  if (job.command === null || job.cwd !== cwd) return false;
  return job.command === command || (required.length > 0 && job.command.startsWith(`${command} `));
}
