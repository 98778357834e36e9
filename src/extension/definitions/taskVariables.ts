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
  /** What `${input:…}` and `${command:…}` stand for, by what is between the braces. */
  answers: ReadonlyMap<string, string>;
  /** Those of the answers that must not be recorded. */
  secrets: ReadonlySet<string>;
}

/** A secret stands where the record of the job would show it. The message is the variable. */
export class MisplacedSecret extends Error {}

const pattern = /\$\{([^}]+)\}/g;

/**
 * Replaces `${…}` as tasks.json does. Variables that are not the editor's, such as `${HOME}`, are left to the shell.
 * @throws Error whose message is the variable: there is nothing that it stands for at present; MisplacedSecret
 */
export function resolveVariables(text: string, scope: VariableScope): string {
  return resolve(text, scope, (whole) => {
    throw new MisplacedSecret(whole);
  });
}

/** Resolves the values of environment variables; those that hold a secret are returned separately. */
export function resolveEnvironment<Value>(
  env: Record<string, Value | string>,
  scope: VariableScope,
): { env: Record<string, Value | string>; secretEnv: Record<string, string> } {
  const resolved: { env: Record<string, Value | string>; secretEnv: Record<string, string> } = {
    env: {},
    secretEnv: {},
  };
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== 'string') resolved.env[name] = value;
    else {
      let isSecret = false;
      const text = resolve(value, scope, () => (isSecret = true));
      (isSecret ? resolved.secretEnv : resolved.env)[name] = text;
    }
  }
  return resolved;
}

function resolve(text: string, scope: VariableScope, onSecret: (whole: string) => unknown): string {
  return text.replace(pattern, (whole, name: string) => {
    if (scope.secrets.has(name)) onSecret(whole);
    const value = variable(name, scope);
    if (value === undefined) throw new Error(whole);
    return value === null ? whole : value;
  });
}

/** The inputs that a definition needs: `input:name` and `command:name`, each once. */
export function questionsIn(definition: unknown): string[] {
  const found = new Set<string>();
  mapTexts(definition, (text) => {
    for (const [, name = ''] of text.matchAll(pattern)) if (/^(input|command):/.test(name)) found.add(name);
    return text;
  });
  return [...found];
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
  const [kind = '', ...rest] = name.split(':');
  const argument = rest.join(':');
  switch (kind) {
    case 'workspaceFolder':
    case 'workspaceRoot':
      return argument === '' ? scope.folder : scope.folders.find((folder) => folder.name === argument)?.path;
    case 'workspaceFolderBasename':
      return basename(scope.folder);
    case 'cwd':
      return scope.folder;
    case 'userHome':
      return scope.home;
    case 'pathSeparator':
    case '/':
      return sep;
    case 'env':
      return scope.env[argument] ?? '';
    case 'config':
      return settingText(scope.setting(argument));
    case 'input':
    case 'command':
      return scope.answers.get(name);
    case 'execPath':
      return process.execPath;
    default:
      if (!isEditorVariable(kind)) return null;
      return scope.editor ? editorVariables[kind](scope.editor, scope.folder) : undefined;
  }
}

function settingText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

type Editor = NonNullable<VariableScope['editor']>;

const editorVariables = {
  file: ({ file }: Editor) => file,
  fileWorkspaceFolder: ({ folder }: Editor) => folder ?? undefined,
  fileWorkspaceFolderBasename: ({ folder }: Editor) => (folder === null ? undefined : basename(folder)),
  relativeFile: ({ file }: Editor, folder: string) => relative(folder, file),
  relativeFileDirname: ({ file }: Editor, folder: string) => relative(folder, dirname(file)) || '.',
  fileBasename: ({ file }: Editor) => basename(file),
  fileBasenameNoExtension: ({ file }: Editor) => basename(file, extname(file)),
  fileExtname: ({ file }: Editor) => extname(file),
  fileDirname: ({ file }: Editor) => dirname(file),
  fileDirnameBasename: ({ file }: Editor) => basename(dirname(file)),
  lineNumber: ({ line }: Editor) => String(line),
  columnNumber: ({ column }: Editor) => String(column),
  selectedText: ({ selection }: Editor) => selection,
} as const;

function isEditorVariable(name: string): name is keyof typeof editorVariables {
  return Object.hasOwn(editorVariables, name);
}
