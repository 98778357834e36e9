import type { Beginning, RunDirectory, Ticket } from './runDirectory.ts';
import { callSlurm, complaint } from './tools.ts';

/** What can be done with a job of Slurm. None of these calls proves anything: look again. */
export class Controls {
  readonly #script: () => string;

  /** @param script the path of the batch script, which the nodes see too */
  constructor(script: () => string) {
    this.#script = script;
  }

  /** Ends a job that waits; one that runs gets SIGTERM, and SIGKILL after the KillWait of the cluster. */
  async cancel(ticket: Ticket): Promise<void> {
    await this.#call(ticket, 'scancel', [keyOf(ticket)]);
  }

  async hold(ticket: Ticket): Promise<void> {
    await this.#call(ticket, 'scontrol', ['hold', keyOf(ticket)]);
  }

  async release(ticket: Ticket): Promise<void> {
    await this.#call(ticket, 'scontrol', ['release', keyOf(ticket)]);
  }

  /** To all that has the mark of the run; where no step can be started, to all that Slurm knows of. Never for one that waits. */
  async send(
    ticket: Ticket,
    beginning: Beginning,
    { mark, runId }: RunDirectory,
    signal: NodeJS.Signals,
  ): Promise<void> {
    const name = signal.replace(/^SIG/, '');
    const isSent = await this.#step(ticket, beginning, ['send', mark, runId, name]).catch(() => false);
    if (!isSent) await this.#call(ticket, 'scancel', ['--full', `--signal=${name}`, keyOf(ticket)]);
  }

  /** Kills all that has the mark of the run, on all of its nodes; where no step can be started, cancels the job. */
  async kill(ticket: Ticket, beginning: Beginning, { mark, runId }: RunDirectory): Promise<void> {
    const isDone = await this.#step(ticket, beginning, ['end', mark, runId, '0']).catch(() => false);
    if (!isDone) await this.cancel(ticket);
  }

  /** Runs the script on each node of the job, within its allocation. @returns whether it was successful */
  async #step(ticket: Ticket, { nodes }: Beginning, args: readonly string[]): Promise<boolean> {
    const place = [`--nodes=${nodes}`, `--ntasks=${nodes}`, '--ntasks-per-node=1', '--cpus-per-task=1'];
    const how = ['--overlap', '--quiet', '--input=none', '--unbuffered', '--chdir=/', '--immediate=10'];
    const step = [`--jobid=${keyOf(ticket)}`, ...how, ...place, '/bin/sh', this.#script(), ...args];
    return (await callSlurm(ticket, 'srun', step)).code === 0;
  }

  async #call(ticket: Ticket, program: string, args: readonly string[]): Promise<void> {
    const answer = await callSlurm(ticket, program, args);
    if (answer.code !== 0) throw new Error(`${program} ${args.join(' ')}: ${complaint(answer)}`);
  }
}

function keyOf({ key }: Ticket): string {
  if (key === null) throw new Error('the job has no id in Slurm yet');
  return key;
}
