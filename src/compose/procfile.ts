import { fileError, makeProject, type Difference, type FoundJob, type Project } from './project.ts';
import { ifThere, readVariables, type Folder } from './folder.ts';

interface ProcfileProcess {
  name: string;
  command: string;
  /** From 1. */
  line: number;
}

/** The processes of a Procfile: each line names one, and has the shell line that it runs. */
function procfileProcesses(text: string): ProcfileProcess[] {
  return text.split('\n').flatMap((whole, index) => {
    const [, name = '', command] = /^([\w-]+):[ \t]*(\S.*?)[ \t]*\r?$/.exec(whole) ?? [];
    return command === undefined ? [] : { name, command, line: index + 1 };
  });
}

/** Where foreman begins to count ports, and how many it leaves for the instances of a process. */
const firstPort = 5000;
const portsEach = 100;

/**
 * The processes as foreman starts them: by `sh`, each with a PORT of its own and the variables of `.env`.
 * @throws BgJobsError `invalid_request` that names the line
 */
export function readProcfile(file: string, text: string, folder: Folder): Project {
  const processes = procfileProcesses(text);
  const [first] = processes;
  if (!first) throw fileError(file, 1, 'there is no process. Write one per line, for example: web: npm start');
  const seen = new Set<string>();
  for (const { name, line } of processes) {
    if (seen.has(name)) throw fileError(file, line, `there is a second process "${name}". Give it a name of its own.`);
    seen.add(name);
  }
  const variables = readVariables(folder, ifThere(folder, '.env'), (problem) => fileError(file, 1, problem));
  const base = Number(variables['PORT'] ?? folder.env['PORT'] ?? firstPort) || firstPort;
  const found = processes.map(({ name, command, line }, index): FoundJob => {
    const env = { ...variables, PORT: String(base + index * portsEach), PS: `${name}.1` };
    const request = { command, shell: 'sh', name, session: folder.name, cwd: folder.path, env };
    return { name, line, request, needs: [], profiles: [], lineOf: () => line };
  });
  return makeProject({ file, session: folder.name, differences: differencesOf(text, first.line, folder) }, found);
}

function differencesOf(text: string, first: number, folder: Folder): Difference[] {
  const known = new Set(procfileProcesses(text).map(({ line }) => line));
  const ignored = text.split('\n').flatMap((whole, index) => {
    if (known.has(index + 1) || /^\s*(?:#.*)?$/.test(whole)) return [];
    return { line: index + 1, field: whole.trim(), text: 'It is not NAME: COMMAND and is ignored, as by foreman.' };
  });
  const options = ifThere(folder, '.foreman').map((field) => ({ line: 1, field, text: 'The file is not read.' }));
  const ends = { line: first, field: 'all', text: 'When a process ends, the others go on. foreman stops them.' };
  return [ends, ...options, ...ignored];
}
