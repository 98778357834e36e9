import * as vscode from 'vscode';
import { isRecord } from '../base/isRecord.ts';
import { builtInMatchers, builtInPatterns } from './builtInMatchers.ts';
import type { KnownMatchers } from './matcherConfig.ts';

/** The problem matchers and patterns that have names: those of the editor and of extensions. */
export function knownMatchers(): KnownMatchers {
  const contributions = vscode.extensions.all.flatMap(({ packageJSON }) => {
    const manifest: unknown = packageJSON;
    return isRecord(manifest) && isRecord(manifest['contributes']) ? [manifest['contributes']] : [];
  });
  const byName = (point: string, builtIn: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> => {
    const contributed = contributions.flatMap((one) => one[point]);
    const named = contributed.flatMap((item): [string, unknown][] =>
      isRecord(item) && typeof item['name'] === 'string' ? [[item['name'], patternsIn(item)]] : [],
    );
    return new Map([...Object.entries(builtIn), ...named]);
  };
  return {
    matchers: byName('problemMatchers', builtInMatchers),
    patterns: byName('problemPatterns', builtInPatterns),
  };
}

/** A pattern of several lines is contributed as a list below its name. */
function patternsIn(item: Record<string, unknown>): unknown {
  return Array.isArray(item['patterns']) ? item['patterns'] : item;
}
