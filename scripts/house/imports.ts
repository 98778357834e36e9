import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { top } from '../editor/places.ts';

/** An import of another file or of a package by a file of src/. Type imports count. */
export interface Import {
  from: string;
  /** A path below src/, or the name of a package. `node:` stands for all modules of Node. */
  to: string;
  isPackage: boolean;
  /** Whether only types are imported. */
  isType: boolean;
  /** Whether it is another bundle, which `src/bundles.ts` names and which is loaded on demand. */
  isBundle: boolean;
}

/** The files of src/ and their imports. Paths are relative to src/, with forward slashes. */
export interface Source {
  files: string[];
  /** The number of lines of each file. */
  lines: Map<string, number>;
  imports: Import[];
  /** One message for each import that is part of a cycle. */
  circles: string[];
}

export async function readSource(): Promise<Source> {
  const { output } = await cruise(
    ['src'],
    {
      baseDir: top,
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: 'specify',
      validate: true,
      ruleSet: { forbidden: [{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true } }] },
    },
    undefined,
    { tsConfig: extractTSConfig(join(top, 'tsconfig.json')) },
  );
  const { modules, summary } = output as ICruiseResult;
  const own = modules.filter(({ source }) => source.startsWith('src/'));
  const files = own.map(({ source }) => below(source)).sort();
  const texts = new Map(files.map((file) => [file, readFileSync(join(top, 'src', file), 'utf8')]));
  const written = own.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved, module, protocol, preCompilationOnly }): Import => {
      const isPackage = !resolved.startsWith('src/');
      const to = !isPackage ? below(resolved) : protocol === 'node:' ? 'node:' : packageOf(module);
      return { from: below(source), to, isPackage, isType: preCompilationOnly === true, isBundle: false };
    }),
  );
  return {
    files,
    lines: new Map([...texts].map(([file, text]) => [file, text.split('\n').length - 1])),
    imports: [...written, ...loadedBundles(texts)],
    circles: summary.violations.map(({ from, cycle = [] }) => [from, ...cycle.map(({ name }) => name)].join(' > ')),
  };
}

/** The longest chain of files in which each imports the next. Type imports count, bundles do not. */
export function longestChain({ files, imports }: Source): string[] {
  const known = new Map<string, string[]>();
  const chainFrom = (file: string): string[] => {
    const done = known.get(file);
    if (done) return done;
    known.set(file, []); // ends a cycle
    const next = imports.filter(({ from, isPackage, isBundle }) => from === file && !isPackage && !isBundle);
    const chain = [file, ...longest(next.map(({ to }) => chainFrom(to)))];
    known.set(file, chain);
    return chain;
  };
  return longest(files.map(chainFrom));
}

/** A room is a folder. `bundles.ts` is a room by itself. */
export function roomOf(file: string): string {
  return file.includes('/') ? posix.dirname(file) : file;
}

/** A file that uses a constant of `bundles.ts` loads the file that the constant names. */
function loadedBundles(texts: ReadonlyMap<string, string>): Import[] {
  const constants = texts.get('bundles.ts')?.matchAll(/export const (\w+) = [^;]*?'([\w/]+\.ts)'/g) ?? [];
  return [...constants].flatMap(([, name = '', to = '']) => {
    const users = [...texts].filter(([file, text]) => file !== 'bundles.ts' && new RegExp(`\\b${name}\\b`).test(text));
    return users.map(([from]) => ({ from, to, isPackage: false, isType: false, isBundle: true }));
  });
}

function longest(chains: readonly string[][]): string[] {
  return chains.reduce((a, b) => (b.length > a.length ? b : a), []);
}

function below(path: string): string {
  return path.slice('src/'.length);
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}
