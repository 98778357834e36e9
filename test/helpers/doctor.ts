import assert from 'node:assert/strict';
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { type Check, doctorReport, type DoctorReport, type LeftProcess } from '../../src/api/inspection.ts';
import type { Job } from '../../src/api/job.ts';
import { createProcessTable } from '../../src/processes/platform.ts';
import { processesOf, type Home } from './cli.ts';

const table = createProcessTable();

/** A zombie is dead. */
export function isAlive(pid: number): boolean {
  const identity = table.identify(pid);
  return identity !== undefined && table.isAlive(identity);
}

/** The id of this boot, for records of processes. */
export const bootId = table.bootId();

export async function parentOf(pid: number | null): Promise<number> {
  const parent = (await table.snapshot()).find((entry) => entry.pid === pid)?.ppid;
  assert.ok(parent !== undefined && parent > 1);
  return parent;
}

export interface Diagnosis extends DoctorReport {
  code: number | null;
}

export async function diagnose(home: Home, ...args: string[]): Promise<Diagnosis> {
  const { code, stdout, stderr } = await home.bgjobs(['doctor', '--json', ...args]);
  assert.equal(stderr, '');
  return { code, ...doctorReport.strict().parse(JSON.parse(stdout)) };
}

export function found({ checks }: DoctorReport, id: Check['id']): Check | undefined {
  return checks.find((check) => check.id === id);
}

/** The processes left by one job. Other jobs may leave processes at the same time. */
export function leftOf({ processes }: DoctorReport, { id }: Pick<Job, 'id'>): LeftProcess[] {
  return processes.filter(({ jobId }) => jobId === id);
}

/** A job that has ended and has left `sleep <seconds>` in a new session. */
export async function leaving(home: Home, seconds: number): Promise<{ job: Job; pid: number }> {
  const untilItSleeps = 'until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.02; done';
  const script = `setsid sleep ${seconds} >/dev/null 2>&1 & ${untilItSleeps}`;
  const job = await home.ended((await home.run(['--', 'sh', '-c', script])).id);
  const [pid] = processesOf(`BGJOBS_RUN_ID=${job.id}.1`);
  assert.ok(pid);
  return { job, pid };
}

/** Starts processes. Those that are still alive are killed after each test of the enclosing describe block. */
export function useChildren(): (program: string, args: string[], options: SpawnOptions) => Promise<ChildProcess> {
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  });
  return async (program, args, options) => {
    const child = spawn(program, args, options);
    children.push(child);
    await once(child, 'spawn');
    return child;
  };
}

/** The environment of a process of a run. */
export function markOf(home: string, runId: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], BGJOBS_RUN_ID: runId, BGJOBS_HOME: home };
}
