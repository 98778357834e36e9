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

describe('The translations', () => {
  type Texts = Record<string, string>;
  const read = (name: string): Texts => JSON.parse(readFileSync(join(top, name), 'utf8')) as Texts;
  /** What has to stand in a translation as it stands in the original. */
  const fixed = (text: string): string[] =>
    [...text.matchAll(/\{\d+\}|\(command:[^)]*\)|#[\w.]+#|\$\([\w-]+\)|`[^`]*`/g)].map(([part]) => part).sort();
  const originals = ['package.nls.json', 'l10n/bundle.l10n.json'];

  for (const original of originals) {
    for (const name of globSync(original.replace('.json', '.*.json'), { cwd: top })) {
      it(`in ${name} are those of all texts, and of no others`, () => {
        const [texts, translated] = [read(original), read(name)];
        assert.deepEqual(
          {
            missing: Object.entries(texts).filter(([key]) => !translated[key]?.trim()),
            surplus: Object.keys(translated).filter((key) => !(key in texts)),
          },
          { missing: [], surplus: [] },
        );
        for (const [key, text] of Object.entries(texts))
          assert.deepEqual(fixed(translated[key] ?? ''), fixed(text), key);
      });
    }
  }

  it('are there for the same languages', () => {
    const languages = originals.map((original) =>
      globSync(original.replace('.json', '.*.json'), { cwd: top }).map((name) => /([\w-]+)\.json$/.exec(name)?.[1]),
    );
    assert.deepEqual(languages, [['de'], ['de']]);
  });

  it('are in the package', () => {
    const packed = readFileSync(join(top, '.vscodeignore'), 'utf8').split('\n');
    for (const name of ['!package.nls.json', '!package.nls.*.json', '!l10n/**']) assert.ok(packed.includes(name), name);
  });
});
