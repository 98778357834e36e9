import * as vscode from 'vscode';
import { isRecord } from '../../start/template.ts';
import type { KnownMatchers } from './matcherConfig.ts';

/** The problem matchers and patterns that extensions contribute. */
export function knownMatchers(): KnownMatchers {
  const contributions = vscode.extensions.all.flatMap(({ packageJSON }) => {
    const manifest: unknown = packageJSON;
    return isRecord(manifest) && isRecord(manifest['contributes']) ? [manifest['contributes']] : [];
  });
  const byName = (point: string): ReadonlyMap<string, unknown> =>
    new Map(
      contributions
        .flatMap((contributed) => contributed[point])
        .flatMap((item): [string, unknown][] =>
          isRecord(item) && typeof item['name'] === 'string' ? [[item['name'], patternsIn(item)]] : [],
        ),
    );
  return { matchers: byName('problemMatchers'), patterns: byName('problemPatterns') };
}

/** A pattern of several lines is contributed as a list below its name. */
function patternsIn(item: Record<string, unknown>): unknown {
  return Array.isArray(item['patterns']) ? item['patterns'] : item;
}
