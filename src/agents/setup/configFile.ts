/** The bundle that changes the files of coding agents: their formats take libraries that nothing else needs. */
import { randomUUID } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { BgJobsError } from '../../api/errors.ts';
import { isRecord } from '../../api/values.ts';
import { formats } from './configFormats.ts';
import { configurationOf, mcpClients, serverName, type Entry, type McpClient, type McpClientId } from './mcpClients.ts';

/** What setting up, or undoing it, does to a file. */
export interface Change {
  file: string;
  action: 'added' | 'updated' | 'removed' | 'unchanged';
  /** Null: there is no such file. */
  before: string | null;
  after: string | null;
}

/**
 * Finds out what to change, and changes nothing. Whatever is not ours stays as it is, comments too: the new text is read
 * again and compared with what was to come of it.
 * @param files of which one has the entry, or is to get it
 * @param undo takes out the entry
 * @throws BgJobsError `invalid_request` when a file cannot be read or changed, or has an entry that we did not write
 */
export function planChange(id: McpClientId, files: readonly string[], entry: Entry, undo: boolean): Change {
  const client: McpClient = mcpClients[id];
  const { title, format, needsFile } = client;
  const all = files.map((file) => readConfiguration(file, client));
  const chosen = all.find(({ found }) => found) ?? all.find(({ before }) => before !== null) ?? all[0];
  if (!chosen) throw new Error(`${id} has no file`);
  const { file, before, text, data, found } = chosen;
  if (before === null && needsFile && !undo) {
    throw refusal(`${title} has no ${file} yet. Start ${title} once so that it writes one, and run this again.`);
  }
  if (found) requireOurs(id, file, found, entry, undo);
  if (undo ? !found : isDeepStrictEqual(found, entry)) return { file, action: 'unchanged', before, after: before };
  const { put, drop } = formats[format];
  // No file that was there before gets exactly this text, and none that a link leads to is created.
  const isCreated =
    found && !needsFile && before === configurationOf(client, found) && !lstatSync(file).isSymbolicLink();
  let after: string | null;
  try {
    const without = before === null || isCreated ? null : found ? drop(text, client, found) : text;
    after = undo ? without : without === null ? configurationOf(client, entry) : put(without, client, entry);
    const then = parsed(after ?? '', client);
    const isRight =
      isDeepStrictEqual(find(client, then), undo ? undefined : entry) &&
      isDeepStrictEqual(others(client, then), others(client, data));
    if (!isRight) throw new Error('not as expected');
  } catch {
    const byHand = undo
      ? `Remove the server ${serverName} by hand.`
      : `${found ? 'Change' : 'Add'} the server by hand: \`bgjobs setup ${id} --print\` shows its settings.`;
    throw refusal(`${file} is written in a way that cannot be changed safely, and was left as it is. ${byHand}`);
  }
  const kept = comments(after ?? '');
  const lost = comments(text).find((comment, index) => kept[index] !== comment);
  if (lost !== undefined) {
    throw refusal(
      `${file} has a comment that would be lost, and was left as it is. Move it, and run this again: ${lost}`,
    );
  }
  return {
    file,
    action: undo ? 'removed' : found ? 'updated' : 'added',
    before,
    after: after === null ? null : chosen.written(after),
  };
}

/** By rename, so that readers see all of it or nothing. Keeps the mode, the owner, and a link to the file. */
export function applyChange({ file, before, after }: Change): void {
  if (after === before) return;
  attempt(file, 'written', () => {
    if (before === null) mkdirSync(dirname(file), { recursive: true });
    const target = before === null ? file : realpathSync(file);
    const stat = statSync(target, { throwIfNoEntry: false });
    if (stat) {
      // Root may write everything.
      if ((stat.mode & 0o222) === 0) {
        throw refusal(`${file} is read-only and was left as it is. Make it writable, and run this again.`);
      }
      accessSync(target, constants.W_OK);
    }
    if (after === null) return rmSync(target);
    const mode = (stat?.mode ?? 0o600) & 0o777;
    // Under another name of the same file, the old text would stay.
    if (stat && stat.nlink > 1) return writeFileSync(target, after);
    const draft = `${target}.${randomUUID()}`;
    try {
      writeFileSync(draft, after, { mode, flag: 'wx' });
      if (stat) chownSync(draft, stat.uid, stat.gid);
      chmodSync(draft, mode);
      renameSync(draft, target);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  });
}

function refusal(message: string): BgJobsError {
  return new BgJobsError('invalid_request', message);
}

const noPermission = [
  'permission is denied',
  'Check the owner and the permissions of the file and of its folder',
] as const;
const noFolder = ['a part of its path is a file and not a folder', 'Move that file away'] as const;

/** By the code of the error: why a file cannot be read or changed, and what to do. */
const fileErrors: Record<string, readonly [reason: string, remedy: string]> = {
  EACCES: noPermission,
  EPERM: noPermission,
  ENOENT: ['its folder cannot be created', 'Create it'],
  ENOTDIR: noFolder,
  EEXIST: noFolder,
  ELOOP: ['it is a symbolic link that leads back to itself', 'Remove the link'],
  EROFS: ['the file system is read-only', 'Make it writable'],
  ENOSPC: ['the disk is full', 'Free some space'],
  ERR_ENCODING_INVALID_ENCODED_DATA: ['it is not UTF-8 text', 'Save it as UTF-8'],
};

function attempt<T>(file: string, verb: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof BgJobsError || code === undefined) throw error;
    const [reason, remedy] = fileErrors[code] ?? [message, 'Correct that'];
    throw refusal(`${file} cannot be ${verb}: ${reason}. ${remedy}, and run this again.`);
  }
}

interface Configuration {
  file: string;
  /** Null: there is no such file. */
  before: string | null;
  /** With `\n` at the ends of lines, and without a byte order mark. */
  text: string;
  data: Entry;
  /** Our entry. */
  found: Entry | undefined;
  /** Gives a text the ends of lines and the byte order mark of the file. */
  written: (text: string) => string;
}

function readConfiguration(file: string, client: McpClient): Configuration {
  const before = attempt(file, 'read', () => readText(file));
  const mark = before?.startsWith('\uFEFF') ? '\uFEFF' : '';
  const raw = (before ?? '').slice(mark.length);
  const isCrlf = raw.includes('\n') && !/(^|[^\r])\n/.test(raw);
  const text = isCrlf ? raw.replaceAll('\r\n', '\n') : raw;
  const written = (other: string): string => mark + (isCrlf ? other.replaceAll('\n', '\r\n') : other);
  try {
    const data = parsed(text, client);
    return { file, before, text, data, found: find(client, data), written };
  } catch (error) {
    const why = (error as Error).message.split('\n', 1)[0];
    throw refusal(`${file} cannot be read and was left as it is: ${why}. Correct it, and run this again.`);
  }
}

/** @returns null when there is no such file */
function readText(file: string): string | null {
  const link = lstatSync(file, { throwIfNoEntry: false });
  if (!link) return null;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) {
    const target = readlinkSync(file);
    throw refusal(
      `${file} is a link to ${target}, which does not exist. Create that file or remove the link, and run this again.`,
    );
  }
  if (!stat.isFile()) {
    throw refusal(`${file} is ${stat.isDirectory() ? 'a folder' : 'not a file'}. Move it away, and run this again.`);
  }
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
}

/** @throws Error that says what is wrong */
function parsed(text: string, { format, key, isList }: McpClient): Entry {
  // The parsers make objects of other kinds, which would never be equal.
  const value: unknown = text.trim() === '' ? {} : structuredClone(formats[format].parse(text));
  const data = isNothing(value) ? {} : value;
  if (!isRecord(data)) throw new Error('it is not a table of settings');
  const servers = data[key];
  if (!isNothing(servers) && !(isList ? Array.isArray(servers) : isRecord(servers))) {
    throw new Error(`its ${key} is not a ${isList ? 'list' : 'table'} of servers`);
  }
  return data;
}

/** An empty list or table, or null, whichever a client would take. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function isNamed(one: unknown): boolean {
  return isRecord(one) && one['name'] === serverName;
}

function find({ key, isList }: McpClient, data: Entry): Entry | undefined {
  const servers = data[key];
  if (isNothing(servers)) return undefined;
  const found = isList ? (servers as unknown[]).find(isNamed) : (servers as Entry)[serverName];
  return isRecord(found) || found === undefined ? found : {};
}

/** Everything but our entry, and what is left empty without it. */
function others({ key, isList }: McpClient, data: Entry): Entry {
  const { [key]: servers, ...rest } = data;
  if (isNothing(servers)) return rest;
  const { [serverName]: _ours, ...table } = servers as Entry;
  const kept = isList ? (servers as unknown[]).filter((one) => !isNamed(one)) : table;
  return isNothing(kept) ? rest : { ...rest, [key]: kept };
}

/** Those of all formats, roughly: it is enough that none may get lost. */
function comments(text: string): string[] {
  const tokens = /"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#.*|\/\/.*|\/\*[^]*?\*\//g;
  return (text.match(tokens) ?? []).filter((token) => /^[#/]/.test(token));
}

/** @throws BgJobsError that says what is not as we write it */
function requireOurs(id: McpClientId, file: string, found: Entry, wanted: Entry, undo: boolean): void {
  const foreign = differences(found, wanted, undo);
  if (foreign.length === 0) return;
  const what = `The server ${serverName} in ${file} is not as \`bgjobs setup\` writes it: ${foreign.join(', ')}`;
  const canUndo = differences(found, wanted, true).length === 0;
  const remedy = undo
    ? 'Remove it by hand.'
    : canUndo
      ? `To replace it, run \`bgjobs setup ${id} --undo\` and then this again.`
      : 'Rename or remove it, and run this again.';
  throw refusal(`${what}. It was left as it is. ${remedy}`);
}

/**
 * Between an entry and ours. Where the program is may differ: it may have been updated or moved since.
 * @param undo only what we would never write: another version, or one with data in another folder, may have set it up
 */
function differences(found: Entry, wanted: Entry, undo: boolean): string[] {
  const line = startLine(found);
  const verb = line.indexOf('mcp');
  const own = startLine(wanted);
  if (verb < 1 || verb > 2 || !/(^|[\\/])(bgjobs(\.cmd)?|cli\.js)$/.test(line[verb - 1] ?? '')) return ['command'];
  if (!isDeepStrictEqual(line.slice(verb), own.slice(own.indexOf('mcp')))) return ['args'];
  const [there, ours] = [settingsOf(found), settingsOf(wanted)];
  return [...new Set([...Object.keys(there), ...Object.keys(ours)])].flatMap((name) => {
    const isFolder = name.endsWith('.BGJOBS_HOME');
    const [one, other] = [JSON.stringify(there[name]), JSON.stringify(ours[name])];
    if (one === other || (undo && (isFolder || one === undefined))) return [];
    if (one === undefined) return [`${name} (missing)`];
    if (other !== undefined) return [`${name} (${one} instead of ${other})`];
    // The value of another variable may be secret.
    return [isFolder ? `${name} (added: ${one})` : `${name} (added)`];
  });
}

/** Without how the program is started; each variable is a setting. */
function settingsOf(entry: Entry): Partial<Entry> {
  const all = Object.entries(entry).flatMap(([name, value]) => {
    if (name !== 'env' && name !== 'environment') return [[name, value] as const];
    return Object.entries(Object(value) as Entry).map(([variable, one]) => [`${name}.${variable}`, one] as const);
  });
  return Object.fromEntries(all.filter(([name]) => !/^(command|args)$|\.ELECTRON_RUN_AS_NODE$/.test(name)));
}

function startLine({ command, args = [] }: Entry): string[] {
  return [command, args].flat().map(String);
}
