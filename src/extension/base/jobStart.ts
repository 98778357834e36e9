import type { JobService } from '../../api/endpoints.ts';
import type { StartRequest } from '../../api/options.ts';

/** Maximum length of the name of a job or a session that the host accepts, in characters. */
export const longestName = 200;

/**
 * The session of jobs that are started in a window.
 * @param folderNames the names of the workspace's folders
 */
export function windowSession(folderNames: readonly string[]): string {
  return folderNames[0]?.trim().slice(0, longestName) || 'No Folder';
}

/**
 * What a job gets of the extension host's environment: all but what belongs to the editor itself or to a job that
 * the editor was started from. Windows writes names in any case.
 * @param changes are made after that
 */
export function jobEnvironment(env: NodeJS.ProcessEnv, changes: Environment = {}): Record<string, string> {
  const own = /^(VSCODE_.*|ELECTRON_.*|BGJOBS_RUN_ID|BGJOBS_JOB_ID|BGJOBS_HOLDER)$/i;
  const inherited = Object.entries(env).filter(([name]) => !own.test(name));
  const all: Record<string, string | null | undefined> = { ...Object.fromEntries(inherited), ...changes };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The name of a job that is made of something with a label, which may be any text. */
export function jobName(label: string): { name?: string } {
  const name = label.trim().slice(0, longestName).trim();
  return name === '' ? {} : { name };
}

/** Variables by name; null removes one. */
export type Environment = Record<string, string | null>;

/** A start for which all questions have been answered. */
export interface JobStart {
  request: Partial<StartRequest> & { cwd: string };
  /** What differs from the editor's environment before the job's own variables are set. */
  environment?: Environment;
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
