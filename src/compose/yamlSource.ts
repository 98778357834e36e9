import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type * as z from 'zod';
import type { BgJobsError } from '../api/errors.ts';
import { check } from '../api/validate.ts';
import { fileError } from './project.ts';

/** A YAML file of which every value knows its line. */
export class YamlSource {
  readonly file: string;
  readonly value: unknown;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  /** @throws BgJobsError `invalid_request` that names the line, for a text that is no YAML */
  constructor(file: string, text: string) {
    this.file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, merge: true, prettyErrors: false });
    const [error] = this.#document.errors;
    if (error) throw fileError(file, this.#lines.linePos(error.pos[0]).line, error.message);
    try {
      this.value = this.#document.toJS();
    } catch (problem) {
      // Aliases that would become too many values.
      throw fileError(file, 1, (problem as Error).message);
    }
  }

  /** Of the value at the path, or of the nearest one around it. */
  lineOf(path: readonly PropertyKey[]): number {
    let node: unknown = this.#document.contents;
    let at = (node as Node | null)?.range?.[0] ?? 0;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
        if (!pair) break;
        at = (pair.key as Node).range?.[0] ?? at;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(step)];
        at = (node as Node | undefined)?.range?.[0] ?? at;
      } else break;
    }
    return this.#lines.linePos(at).line;
  }

  /** What is at the path, with all defaults. @throws BgJobsError `invalid_request` that names the line */
  read<Schema extends z.ZodType>(schema: Schema, value: unknown, path: readonly PropertyKey[] = []): z.output<Schema> {
    const result = check(schema, value);
    if (!result.problems) return result.data;
    const [problem] = result.problems;
    const name = path.length === 0 ? '' : `"${path.join('.')}": `;
    throw this.error([...path, ...(problem?.path ?? [])], `${name}${problem?.text}`);
  }

  error(path: readonly PropertyKey[], text: string): BgJobsError {
    return fileError(this.file, this.lineOf(path), text);
  }
}
