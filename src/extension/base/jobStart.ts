import type { JobService } from '../../api/endpoints.ts';
import type { StartRequest } from '../../api/options.ts';

/** Maximum length of a session name that the host accepts, in characters. */
const longestName = 200;

/**
 * The session of jobs that are started in a window.
 * @param folderNames the names of the workspace's folders
 */
export function windowSession(folderNames: readonly string[]): string {
  return folderNames[0]?.trim().slice(0, longestName) || 'window';
}

/**
 * What a job gets of the extension host's environment: all but what belongs to the editor itself or to a job that
 * the editor was started from. Windows writes names in any case.
 */
export function jobEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = /^(VSCODE_.*|ELECTRON_.*|BGJOBS_RUN_ID|BGJOBS_JOB_ID|BGJOBS_HOLDER)$/i;
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !own.test(name)) kept[name] = value;
  }
  return kept;
}

/** Maximum length of a job name that the host accepts, in characters. */
const longest = 200;

/** The name of a job that is made of something with a label, which may be any text. */
export function jobName(label: string): { name?: string } {
  const name = label.trim().slice(0, longest).trim();
  return name === '' ? {} : { name };
}

/** A start for which all questions have been answered. */
export interface JobStart {
  request: Partial<StartRequest> & { cwd: string };
  /** Variables that only the process gets to know: they are not recorded. */
  secretEnv?: Record<string, string>;
}

/** The job host, as what acts on it needs it. */
export interface ServiceSource {
  /** Null while there is no connection. */
  readonly service: JobService | null;
  /** Starts a host when there is none. @throws BgJobsError `host_unreachable` */
  need(): Promise<JobService>;
}
