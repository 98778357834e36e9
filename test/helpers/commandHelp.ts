import { sorted, type JsonObject } from './canonicalSchema.ts';

/** A verb as described by its `--help`, without the texts for readers. */
export interface VerbHelp {
  /** The subverbs, each with its arguments but without their names: `run [] [...]`. */
  readonly verbs: string[];
  /** By name: the kind of the value (`<>`, `[...]`), the choices and the default. */
  readonly options: JsonObject;
}

/**
 * Parses commander's help: two spaces, the term, two or more spaces, and the description, which may have more lines.
 */
export function readHelp(text: string): VerbHelp {
  const verbs: string[] = [];
  const options: JsonObject = {};
  const [, ...sections] = text.split(/\n(?=\S)/);
  for (const section of sections.filter((part) => /^[^\n]*:\n {2}\S/.test(part))) {
    const hasVerbs = /^(Commands|Start and watch|Control|Queue|Maintenance):/.test(section);
    for (const entry of section.split(/\n {2}(?=\S)/).slice(1)) {
      const [term = '', ...description] = entry.split(/ {2,}|\n\s*/);
      if (term.startsWith('-')) options[withoutNames(term)] = details(description.join(' '));
      else if (hasVerbs) verbs.push(withoutNames(term));
    }
  }
  return { verbs: verbs.sort(), options: sorted(options) };
}

/** Removes the names of values, which are only for readers. */
function withoutNames(term: string): string {
  return term.replaceAll(/<[^>]*?(\.{3})?>/g, '<$1>').replaceAll(/\[[^\]]*?(\.{3})?\]/g, '[$1]');
}

function details(description: string): string {
  const found = description.matchAll(/\((choices|default): ([^)]*)\)/g);
  return [...found].map(([, kind = '', values = '']) => `${kind}: ${values.split(', ').sort().join(', ')}`).join('; ');
}
