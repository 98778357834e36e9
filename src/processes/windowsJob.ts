import { windowsApi, type WindowsApi } from './windowsApi.ts';

/**
 * Each run on Windows has a Job Object (https://learn.microsoft.com/windows/win32/procthread/job-objects): the supervisor
 * joins it before it starts the command, so everything that the command starts is in it, whatever its parent. It has a
 * name, by which any host finds it again.
 */

/** JOB_OBJECT_QUERY | JOB_OBJECT_TERMINATE */
const access = 0x4 | 0x8;
/** JobObjectBasicProcessIdList */
const processIdList = 3;
/** HANDLE_FLAG_INHERIT */
const inherit = 1;

/**
 * Puts this process into the Job Object of a run, for good. Its children inherit the handle, because the name lasts only as
 * long as somebody has one.
 * @returns whether it could
 */
export function joinJob(runId: string, api: WindowsApi | null = windowsApi()): boolean {
  if (!api) return false;
  const job = api.createJob(null, nameOf(runId));
  if (job === 0) return false;
  api.setHandle(job, inherit, inherit);
  return api.assignToJob(job, api.currentProcess()) !== 0;
}

/** The processes in the Job Object of a run, its supervisor among them. Empty if there is none (any more). */
export function processesOfJob(api: WindowsApi, runId: string): number[] {
  return withJob(api, runId, (job) => listOf(api, job)) ?? [];
}

/** Ends all processes of a run at once, also its supervisor, which then records nothing. */
export function terminateJob(api: WindowsApi, runId: string): void {
  withJob(api, runId, (job) => api.terminateJob(job, killedCode));
}

/** The exit code of processes that are ended by Node, too. */
const killedCode = 1;

/** Also found in other sessions of the user. */
function nameOf(runId: string): string {
  return `Global\\bgjobs-${runId}`;
}

function withJob<T>(api: WindowsApi, runId: string, use: (job: number) => T): T | undefined {
  const job = api.openJob(access, 0, nameOf(runId));
  if (job === 0) return undefined;
  try {
    return use(job);
  } finally {
    api.closeHandle(job);
  }
}

/** JOBOBJECT_BASIC_PROCESS_ID_LIST: how many are assigned, how many of them are listed, and the pids as 64 bits each. */
function listOf(api: WindowsApi, job: number): number[] {
  for (let room = 256; ; room *= 4) {
    const data = Buffer.alloc(8 + 8 * room);
    // It fails if they do not all fit.
    const isWhole = api.queryJob(job, processIdList, data, data.length, null) !== 0;
    const [assigned, listed] = [data.readUInt32LE(0), data.readUInt32LE(4)];
    if ((!isWhole || listed < assigned) && room < maxProcesses) continue;
    return Array.from({ length: listed }, (_, index) => Number(data.readBigUInt64LE(8 + 8 * index)));
  }
}

const maxProcesses = 1_000_000;
