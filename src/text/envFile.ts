import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { BgJobsError } from '../api/errors.ts';

type Environment = Readonly<Record<string, string | null | undefined>>;
type Lookup = (name: string) => string | undefined;

/**
 * The variables of an env file.
 * @param env of the job: it overrides the file
 * @param inherited what the file overrides
 * @throws BgJobsError `invalid_request` that names the line
 */
export function readEnvFile(path: string, env: Environment, inherited: Environment): Record<string, string> {
  if (!isAbsolute(path)) throw new BgJobsError('invalid_request', `envFile: "${path}" must be an absolute path`);
  try {
    // This decoder drops a byte order mark, which would be a part of the first name.
    return parseEnvFile(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)), env, inherited);
  } catch (error) {
    throw new BgJobsError('invalid_request', `envFile: ${path} cannot be read: ${(error as Error).message}`);
  }
}

const between = /(?:\s+|#.*)*/y;
const beginning = /(?:export[ \t]+)?([\p{L}\p{N}_.[\]-]+)[ \t]*(?:([=:])|(?=\n|$))/uy;
const unquoted = /(?![ \t]*['"]).*/y;
const quoted = /[ \t]*(?:'((?:[^'\\]|\\[^])*)'|"((?:[^"\\]|\\[^])*)")[ \t]*(?:#.*)?(?=\n|$)/y;

/** As a double-quoted value is expanded afterwards, `\$` becomes what stands for a dollar sign there. */
const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '"': '"', '\\': '\\', $: '$$' },
};

/**
 * The syntax of Docker Compose, except that nothing is skipped: docs/env-files.md has the differences.
 * @throws Error that names the line
 */
export function parseEnvFile(text: string, env: Environment, inherited: Environment): Record<string, string> {
  if (text.includes('\0')) throw new Error('it is not text in UTF-8');
  const source = text.replaceAll('\r\n', '\n');
  const values = new Map<string, string>();
  const lookup: Lookup = (name) =>
    (Object.hasOwn(env, name) ? env[name] : (values.get(name) ?? inherited[name])) ?? undefined;
  let at = 0;
  const take = (pattern: RegExp): (string | undefined)[] => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    at += found?.[0].length ?? 0;
    return found ?? [];
  };
  for (take(between); at < source.length; take(between)) {
    const start = at;
    try {
      const [, name, separator] = take(beginning);
      if (name === undefined) throw new Error('it is not NAME=value');
      // A name alone is inherited, as every variable is.
      if (separator !== undefined) values.set(name, takeValue(take, name, lookup));
    } catch (error) {
      const line = source.slice(0, start).split('\n').length;
      throw new Error(`line ${line}: ${(error as Error).message}`, { cause: error });
    }
  }
  return Object.fromEntries(values);
}

function takeValue(take: (pattern: RegExp) => (string | undefined)[], name: string, lookup: Lookup): string {
  const [plain] = take(unquoted);
  if (plain !== undefined) return expand(plain.replace(/[ \t]#.*/, '').trim(), lookup);
  const [, single, double] = take(quoted);
  if (single !== undefined) return single.replace(/\\([^])/g, (both, next: string) => (next === "'" ? next : both));
  if (double === undefined) throw new Error(`the quotes of ${name} are not closed, or text follows them`);
  return expand(
    double.replace(/\\([^])/g, (both, next: string) => escapes[next] ?? both),
    lookup,
  );
}

/** @throws Error for a variable that is not set, which Compose takes for empty */
function expand(text: string, lookup: Lookup): string {
  let result = '';
  let rest = text;
  for (let found = next(rest); found; found = next(rest)) {
    const { 0: all, 1: name, index } = found;
    const end = all === '${' ? endOfBraces(rest, index + 1) : index + all.length;
    const inner = name ?? rest.slice(index + 2, end - 1);
    result += rest.slice(0, index) + (all === '$$' ? '$' : valueOf(inner, lookup));
    rest = rest.slice(end);
  }
  return result + rest;
}

function next(text: string): RegExpExecArray | null {
  return /\$(?:\$|\{|([A-Za-z_]\w*))/.exec(text);
}

function endOfBraces(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at + 1;
  }
  throw new Error('a ${ is not closed');
}

/** @param inner what is between the braces, such as `NAME:-default` */
function valueOf(inner: string, lookup: Lookup): string {
  const [, name, operator = '', rest = ''] = /^([A-Za-z_]\w*)(?:(:?[-+?])([^]*))?$/.exec(inner) ?? [];
  if (name === undefined) throw new Error(`\${${inner}} is not a variable`);
  const value = lookup(name);
  const isSet = value !== undefined && !(operator.startsWith(':') && value === '');
  if (operator.endsWith('+')) return isSet ? expand(rest, lookup) : '';
  if (isSet) return value;
  if (operator.endsWith('-')) return expand(rest, lookup);
  if (operator.endsWith('?')) throw new Error(`${name} is not set${rest && `: ${rest}`}`);
  throw new Error(`${name} is not set. Write $$ for a dollar sign, or \${${name}:-} for no value`);
}
