import { sorted, type JsonObject } from './canonicalSchema.ts';

/** A verb as its `--help` describes it, without the texts for readers. */
export interface VerbHelp {
  /** Each with its verbs of its own, if any: `run [] [...]`, the names of the arguments left out. */
  readonly verbs: string[];
  /** By name, with the kind of its value (`<>`, `[...]`), its choices and its default. */
  readonly options: JsonObject;
}

/** Reads what commander prints: two spaces, the term, two spaces or more, the description, which may go on below. */
export function readHelp(text: string): VerbHelp {
  const verbs: string[] = [];
  const options: JsonObject = {};
  const [, ...sections] = text.split(/\n(?=\S)/);
  for (const section of sections.filter(
    (part) => /^[^\n]*:\n {2}\S/.test(part) && !/^(Arguments|Examples?):/.test(part),
  )) {
    for (const entry of section.split(/\n {2}(?=\S)/).slice(1)) {
      const [term = '', ...description] = entry.split(/ {2,}|\n\s*/);
      if (term.startsWith('-')) options[withoutNames(term)] = details(description.join(' '));
      else if (/^[a-z]/.test(term)) verbs.push(withoutNames(term));
    }
  }
  return { verbs: verbs.sort(), options: sorted(options) };
}

/** What a value is called is for readers. */
function withoutNames(term: string): string {
  return term.replaceAll(/<[^>]*?(\.{3})?>/g, '<$1>').replaceAll(/\[[^\]]*?(\.{3})?\]/g, '[$1]');
}

function details(description: string): string {
  const found = description.matchAll(/\((choices|default): ([^)]*)\)/g);
  return [...found].map(([, kind = '', values = '']) => `${kind}: ${values.split(', ').sort().join(', ')}`).join('; ');
}
