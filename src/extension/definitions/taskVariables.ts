import { basename, dirname, extname, relative, sep } from 'node:path';

/** The values of the variables of a task. */
export interface VariableScope {
  /** Absolute path of the task's folder. */
  folder: string;
  folders: readonly { name: string; path: string }[];
  env: NodeJS.ProcessEnv;
  home: string;
  setting: (name: string) => unknown;
  /** The active editor; `folder` is the workspace folder that its file is in. */
  editor: { file: string; folder: string | null; line: number; column: number; selection: string } | null;
  /** Where the editor is installed. */
  editorFolder: string;
  /** Where an extension is installed; undefined for one that is not. */
  extensionFolder: (id: string) => string | undefined;
  /** What `${input:…}`, `${command:…}` and `${taskVar:…}` stand for, by what is between the braces. */
  answers: ReadonlyMap<string, string>;
  /** Those of the answers that must not be recorded. */
  secrets: ReadonlySet<string>;
}

/** A secret stands where the record of the job would show it. The message is the variable. */
export class MisplacedSecret extends Error {}

/** An input that nobody has been asked for yet. The message is what stands between the braces. */
export class Unanswered extends Error {}

/**
 * Replaces `${…}` as tasks.json does, also in what a variable stands for. Variables that are not the editor's, such as
 * `${HOME}`, are left to the shell.
 * @throws Error whose message is the variable: there is nothing that it stands for at present; MisplacedSecret; Unanswered
 */
export function resolveVariables(text: string, scope: VariableScope): string {
  return resolve(text, scope, (whole) => {
    throw new MisplacedSecret(whole);
  });
}

/**
 * Resolves the values of environment variables; those that hold a secret are returned separately. Numbers and booleans
 * become texts.
 */
export function resolveEnvironment(
  env: Record<string, unknown>,
  scope: VariableScope,
): { env: Record<string, unknown>; secretEnv: Record<string, string> } {
  const plain = { ...env };
  const secretEnv: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!isPlain(value)) continue;
    let isSecret = false;
    const text = resolve(String(value), scope, () => (isSecret = true));
    if (isSecret) delete plain[name];
    (isSecret ? secretEnv : plain)[name] = text;
  }
  return { env: plain, secretEnv };
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** @param within what is being resolved: a variable that stands for itself is left as it is */
function resolve(
  text: string,
  scope: VariableScope,
  onSecret: (whole: string) => unknown,
  within: readonly string[] = [],
): string {
  return replaceVariables(text, (name) => {
    if (within.includes(name)) return null;
    const isSecret = scope.secrets.has(name);
    if (isSecret) onSecret(`\${${name}}`);
    const value = variable(name, scope);
    if (value === undefined) throw new Error(`\${${name}}`);
    return value === null || isSecret ? value : resolve(value, scope, onSecret, [...within, name]);
  });
}

/**
 * Replaces each `${name}`, those in a name before the name that they are in.
 * @param valueOf null for one that stays
 */
function replaceVariables(text: string, valueOf: (name: string) => string | null): string {
  let result = '';
  let rest = text;
  for (let start = rest.indexOf('${'); start >= 0; start = rest.indexOf('${')) {
    const begin = start + 2;
    const end = endOfName(rest, begin);
    const name = end < 0 ? undefined : replaceVariables(rest.slice(begin, end), valueOf);
    const value = name === undefined ? '${' : (valueOf(name) ?? `\${${name}}`);
    result += rest.slice(0, start) + value;
    rest = rest.slice(end < 0 ? begin : end + 1);
  }
  return result + rest;
}

/** Where the brace is that closes a name; -1 if there is none. */
function endOfName(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

/** The inputs that a definition names itself: `input:name` and `command:name`, each once. */
export function questionsIn(definition: unknown): string[] {
  const found = new Set<string>();
  mapTexts(definition, (text) =>
    replaceVariables(text, (name) => {
      if (isQuestion(name)) found.add(name);
      return null;
    }),
  );
  return [...found];
}

function isQuestion(name: string): boolean {
  return /^(input|command):/.test(name);
}

/** A copy of what JSON can hold, each text in it changed; the names of properties stay. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, change)]));
}

/** @returns null for a variable that is not the editor's; undefined for one without a value */
function variable(name: string, scope: VariableScope): string | null | undefined {
  const answer = scope.answers.get(name);
  if (answer !== undefined) return answer;
  if (isQuestion(name)) throw new Unanswered(name);
  const [kind = '', ...rest] = name.split(':');
  const argument = rest.join(':');
  if (Object.hasOwn(variables, kind)) return variables[kind]?.(scope, argument);
  if (!Object.hasOwn(editorVariables, kind)) return null;
  const folder = folderNamed(scope, argument);
  return scope.editor && folder !== undefined ? editorVariables[kind]?.(scope.editor, folder) : undefined;
}

/** By name. The argument is what follows the colon, or empty. */
const variables: Readonly<Record<string, (scope: VariableScope, argument: string) => string | undefined>> = {
  workspaceFolder: folderNamed,
  workspaceRoot: folderNamed,
  workspaceFolderBasename: nameOfFolder,
  workspaceRootFolderName: nameOfFolder,
  cwd: folderNamed,
  userHome: ({ home }) => home,
  pathSeparator: () => sep,
  '/': () => sep,
  env: ({ env }, argument) => env[argument] ?? '',
  config: ({ setting }, argument) => {
    const value = setting(argument);
    return isPlain(value) || Array.isArray(value) ? String(value) : undefined;
  },
  execPath: () => process.execPath,
  execInstallFolder: ({ editorFolder }) => editorFolder,
  extensionInstallFolder: ({ extensionFolder }, argument) => extensionFolder(argument),
};

function folderNamed({ folder, folders }: VariableScope, argument: string): string | undefined {
  return argument === '' ? folder : folders.find(({ name }) => name === argument)?.path;
}

function nameOfFolder(scope: VariableScope, argument: string): string | undefined {
  const folder = folderNamed(scope, argument);
  return folder === undefined ? undefined : basename(folder);
}

type Editor = NonNullable<VariableScope['editor']>;

/** Those that have a value only while an editor is active. */
const editorVariables: Readonly<Record<string, (editor: Editor, folder: string) => string | undefined>> = {
  file: ({ file }) => file,
  fileWorkspaceFolder: ({ folder }) => folder ?? undefined,
  fileWorkspaceFolderBasename: ({ folder }) => (folder === null ? undefined : basename(folder)),
  relativeFile: ({ file }, folder) => relative(folder, file),
  relativeFileDirname: ({ file }, folder) => relative(folder, dirname(file)) || '.',
  fileBasename: ({ file }) => basename(file),
  fileBasenameNoExtension: ({ file }) => basename(file, extname(file)),
  fileExtname: ({ file }) => extname(file),
  fileDirname: ({ file }) => dirname(file),
  fileDirnameBasename: ({ file }) => basename(dirname(file)),
  lineNumber: ({ line }) => String(line),
  columnNumber: ({ column }) => String(column),
  selectedText: ({ selection }) => selection || undefined,
};
