/** A part of the text of a file that means something here or nothing. */
type Fail = (text: string, at: number) => Error;

/**
 * The text with its `${NAME}` filled in, as process-compose does it before it reads the file: `$NAME` stays, and `$$` is a
 * dollar sign. A variable that is not set is empty.
 * @param fail makes the error of what is not understood, at an offset of the text
 */
export function expandVariables(text: string, lookup: (name: string) => string | undefined, fail: Fail): string {
  return text.replace(/\$(?:\$|\{([^{}]*)\})/g, (whole, inner: string | undefined, at: number) => {
    if (inner === undefined) return '$';
    const [, name, other] = /^([A-Za-z_]\w*)(?::?[-=](.*))?$/s.exec(inner) ?? [];
    if (name === undefined) {
      throw fail(`${whole} is not understood. Write \${NAME}, \${NAME:-default}, or $$ for a dollar sign.`, at);
    }
    return lookup(name) || (other ?? '');
  });
}

/**
 * The text with its `{{.NAME}}` filled in.
 * @throws Error for other templates
 */
export function fillTemplate(text: string, values: Readonly<Record<string, unknown>>): string {
  const filled = text.replace(/\{\{-? *\.(\w+) *-?\}\}/g, (_, name: string) =>
    String((values[name] as string | number | undefined) ?? '<no value>'),
  );
  const [other] = /\{\{.*/.exec(filled) ?? [];
  if (other === undefined) return filled;
  throw new Error(`the template ${other.slice(0, 40)} is not understood. Only {{.NAME}} is.`);
}
