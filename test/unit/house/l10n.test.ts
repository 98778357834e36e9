import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import ts from 'typescript';

const top = join(import.meta.dirname, '..', '..', '..');
const bundle = join(top, 'l10n', 'bundle.l10n.json');

interface Said {
  place: string;
  /** Null when it is not a literal, and so cannot be collected. */
  message: string | null;
  values: number;
}

/** Every call of the translator, whoever handed it in: the editor hands in `vscode.l10n.t`. */
function sayings(): Said[] {
  return globSync('src/{extension,text}/**/*.ts', { cwd: top }).flatMap((name) => {
    const source = ts.createSourceFile(name, readFileSync(join(top, name), 'utf8'), ts.ScriptTarget.Latest, true);
    const found: Said[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && /^(t|this\.#t|wording\.t)$/.test(node.expression.getText())) {
        const [first, ...values] = node.arguments;
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        const message = first && ts.isStringLiteralLike(first) ? first.text : null;
        found.push({ place: `${name}:${line + 1}`, message, values: values.length });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

describe('The words of the code', () => {
  const said = sayings();

  it('are literals, with a value for every place that is left open', () => {
    assert.ok(said.length > 100);
    for (const { place, message, values } of said) {
      assert.notEqual(message, null, place);
      const open = new Set([...(message ?? '').matchAll(/\{(\d+)\}/g)].map(([, number]) => Number(number)));
      assert.deepEqual([...open].sort(), [...Array(values).keys()], place);
    }
  });

  it('are in l10n/bundle.l10n.json for translators (UPDATE_L10N=1 writes it)', () => {
    const messages = [...new Set(said.map(({ message }) => message ?? ''))].sort();
    const expected = `${JSON.stringify(Object.fromEntries(messages.map((text) => [text, text])), null, 2)}\n`;
    if (process.env['UPDATE_L10N']) writeFileSync(bundle, expected);
    assert.equal(readFileSync(bundle, 'utf8'), expected);
  });
});
