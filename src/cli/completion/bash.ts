import type { Candidate, Reply } from './candidates.ts';

/** How bash asks for completions after a second tab, and lists them (bash(1), COMP_TYPE). */
const listing = '63';

/** For bash 3.2 and later; before 4.4 (macOS has 3.2) it lists in the order of the alphabet, and offers files for nothing. */
export const bashScript = `_bgjobs() {
  local kind value
  COMPREPLY=()
  {
    IFS= read -r kind
    while IFS= read -r value; do COMPREPLY+=("$value"); done
  } < <(bgjobs __complete bash "$COMP_TYPE" "\${COMP_LINE:0:COMP_POINT}" "$2" "\${COMP_WORDS[@]:0:COMP_CWORD}" 2>/dev/null)
  case $kind in
    files) ;;
    folders) compopt +o bashdefault +o default -o dirnames ;;
    program\\ *)
      if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "\${kind#program }"
      elif declare -F _command_offset >/dev/null; then
        _command_offset "\${kind#program }"
      elif ((COMP_CWORD == \${kind#program })); then
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -c -- "$2")
      fi
      ;;
    *)
      compopt +o bashdefault +o default
      compopt -o nosort
      ;;
  esac 2>/dev/null
}
complete -o bashdefault -o default -F _bgjobs bgjobs
`;

/**
 * Bash splits words at `=` and `:` too, and replaces only the last part. Here they are put together again.
 * @param args COMP_TYPE, the line up to the cursor, what will be replaced, and the parts before that
 */
export function askedByBash([type = '', line = '', replaced = '', ...parts]: readonly string[]) {
  const words: string[] = [];
  /** The number of the first part of each word. */
  const firsts: number[] = [];
  let end = 0;
  for (const [at, part] of parts.entries()) {
    const start = line.indexOf(part, end);
    if (at > 0 && start === end) words.push((words.pop() ?? '') + part);
    else {
      words.push(part);
      firsts.push(at);
    }
    end = start + part.length;
  }
  const rest = line.slice(end);
  const isNew = /^\s/.test(rest);
  if (isNew) firsts.push(parts.length);
  const typed = isNew ? rest.trimStart() : (words.pop() ?? '') + rest;
  const kept = typed.endsWith(replaced) ? typed.slice(0, typed.length - replaced.length) : '';
  const current = withoutQuotes(typed);
  /** What follows is not escaped within quotes. */
  const isQuoted = /^[^'"]*['"]$/.test(kept);
  const text = ({ value }: Candidate): string => {
    const rest = value.slice(withoutQuotes(kept).length);
    return isQuoted ? rest : rest.replaceAll(/[^\w./:=,@%+~-]/g, '\\$&');
  };
  return {
    words: words.slice(1).map(withoutQuotes),
    current,
    answer: (reply: Reply): string[] => {
      if (reply.kind === 'program') return [`program ${firsts[reply.at + 1] ?? parts.length}`];
      if (reply.kind !== 'values') return [reply.kind];
      const isList = type === listing && reply.values.length > 1;
      const lineOf = (one: Candidate): string =>
        isList && one.description !== '' ? `${text(one)}  (${one.description})` : text(one);
      return [reply.kind, ...reply.values.map(lineOf)];
    },
  };
}

/** As bash reads a word, without expansions. A quote that is still open ends at the end. */
function withoutQuotes(word: string): string {
  const parts = word.matchAll(/'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.?)|([^'"\\]+)/gs);
  return [...parts]
    .map(
      ([, single, double, escaped, bare]) =>
        single ?? double?.replaceAll(/\\([$`"\\])/g, '$1') ?? escaped ?? bare ?? '',
    )
    .join('');
}
