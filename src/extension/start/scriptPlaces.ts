import { basename } from 'node:path';
import { parseTree, findNodeAtLocation } from 'jsonc-parser';
import { filesWithScripts } from '../base/ids.ts';
import { makeTargets } from './makeTargets.ts';

/** Where a file names a script. */
export interface ScriptPlace {
  name: string;
  /** From 0. */
  line: number;
}

type Reader = (text: string) => ScriptPlace[];

const readers: Readonly<Record<(typeof filesWithScripts)[number], Reader>> = {
  'package.json': (text) => keysOf(text, 'scripts'),
  'composer.json': (text) => keysOf(text, 'scripts'),
  'deno.json': (text) => keysOf(text, 'tasks'),
  'deno.jsonc': (text) => keysOf(text, 'tasks'),
  Procfile: processesOf,
  GNUmakefile: rulesOf,
  makefile: rulesOf,
  Makefile: rulesOf,
  justfile: recipesOf,
  Justfile: recipesOf,
  '.justfile': recipesOf,
};

/** Where a file names its scripts, in the order of their lines. Nothing for a file of another name. */
export function scriptPlaces(file: string, text: string): ScriptPlace[] {
  const name = filesWithScripts.find((one) => one === basename(file));
  return name === undefined ? [] : readers[name](text);
}

function keysOf(text: string, property: string): ScriptPlace[] {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const scripts = root && findNodeAtLocation(root, [property]);
  return (scripts?.children ?? []).flatMap(({ children, offset }) => {
    const name: unknown = children?.[0]?.value;
    return typeof name === 'string' ? { name, line: text.slice(0, offset).split('\n').length - 1 } : [];
  });
}

/** Of a target with several rules, the first. One whose name is that of a variable has no place. */
function rulesOf(text: string): ScriptPlace[] {
  const targets = new Set(makeTargets(text).map(({ name }) => name));
  return places(text, (line) => {
    const [, names = ''] = /^([^\t#:=][^#:=]*?)\s*&?::?(?!:?:?=)/.exec(line) ?? [];
    return names.split(/\s+/).filter((name) => targets.delete(name));
  });
}

function recipesOf(text: string): ScriptPlace[] {
  return places(text, (line) => {
    const [, name = ''] = /^@?([A-Za-z][\w-]*)(?:\s+[^:=]*)?(?:\s*=[^:]*)?\s*:(?!=)/.exec(line) ?? [];
    return name === '' || /^(?:set|alias|export|import|mod)$/.test(name) ? [] : [name];
  });
}

function processesOf(text: string): ScriptPlace[] {
  return places(text, (line) => {
    const [, name = ''] = /^([\w-]+):[ \t]*\S/.exec(line) ?? [];
    return name === '' ? [] : [name];
  });
}

function places(text: string, namesIn: (line: string) => string[]): ScriptPlace[] {
  return text.split('\n').flatMap((content, line) => namesIn(content).map((name) => ({ name, line })));
}
