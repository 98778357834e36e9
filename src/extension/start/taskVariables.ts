import { basename, dirname, extname, relative, sep } from 'node:path';

/** What the variables of a task stand for. */
export interface VariableScope {
  /** Absolute path of the task's folder. */
  folder: string;
  folders: readonly { name: string; path: string }[];
  env: NodeJS.ProcessEnv;
  home: string;
  setting: (name: string) => unknown;
  /** The active editor. */
  editor: { file: string; line: number; selection: string } | null;
}

/**
 * Fills in `${…}` as tasks.json means it.
 * @throws Error that names the variable: what only the task system can ask for (`${input:…}`, `${command:…}`), or what
 *   there is not at present
 */
export function resolveVariables(text: string, scope: VariableScope): string {
  return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    const value = variable(name, scope);
    if (value === undefined) throw new Error(whole);
    return value;
  });
}

function variable(name: string, scope: VariableScope): string | undefined {
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
    default:
      return scope.editor ? editorVariable(kind, scope.editor, scope.folder) : undefined;
  }
}

function settingText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function editorVariable(
  name: string,
  { file, line, selection }: NonNullable<VariableScope['editor']>,
  folder: string,
): string | undefined {
  switch (name) {
    case 'file':
      return file;
    case 'relativeFile':
      return relative(folder, file);
    case 'relativeFileDirname':
      return relative(folder, dirname(file)) || '.';
    case 'fileBasename':
      return basename(file);
    case 'fileBasenameNoExtension':
      return basename(file, extname(file));
    case 'fileExtname':
      return extname(file);
    case 'fileDirname':
      return dirname(file);
    case 'fileDirnameBasename':
      return basename(dirname(file));
    case 'lineNumber':
      return String(line);
    case 'selectedText':
      return selection;
    default:
      return undefined;
  }
}
