/** What models call the fields of the tools, from other tools of this kind. */
const otherNames: Record<string, string> = {
  command: 'cmd script shell shellcommand commandline run',
  argv: 'args arguments program',
  cwd: 'workdir workingdirectory directory dir folder path',
  id: 'job jobs ids jobids taskid processid shellid',
  timeoutMs: 'timeout timeoutseconds wait waitseconds seconds maxwait duration',
  waitMs: 'timeout timeoutms wait',
  tail: 'lines last n numlines maxlines',
  grep: 'pattern regex filter search match',
  for: 'until pattern regex condition event waitfor',
  since: 'offset cursor from after next',
  stdinText: 'input',
  text: 'input data stdin value',
  dependsOn: 'after needs dependencies',
  env: 'environment envvars',
  name: 'label title description',
  status: 'state filter states',
  cron: 'schedule',
  at: 'runat time starttime',
  graceMs: 'grace timeout',
  signal: 'force sig',
  maxChars: 'limit maxlength maxbytes',
  limit: 'count max n maxresults pagesize',
  olderThanMs: 'age olderthan maxage',
};

/** The field that is most likely meant by a name that there is not. */
export function meantField(name: string, fields: readonly string[]): string | undefined {
  const word = plain(name);
  return (
    fields.find((field) => plain(field) === word) ??
    fields.find((field) => otherNames[field]?.split(' ').includes(word)) ??
    fields.find(
      (field) => word.length > 3 && Math.abs(field.length - word.length) < 3 && distance(plain(field), word) < 3,
    )
  );
}

export function plain(name: string): string {
  return name.replaceAll(/[^a-z]/gi, '').toLowerCase();
}

/** How many letters have to be put in, left out or replaced (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
