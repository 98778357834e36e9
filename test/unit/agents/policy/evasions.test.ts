import fc from 'fast-check';
import assert from 'node:assert/strict';
import { judgeInSh, rules } from './rules.ts';

const denied = fc.constantFrom('rm x', '/bin/rm -rf /', 'git push', 'git -C . push origin', 'dd if=a');
const harmless = fc.constantFrom('git status', 'npm test', 'echo hello', 'ls', 'cd src', 'cat <<E\nrm\nE', 'true # x');
const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Ways to write a word that the program sees as the same. */
const spellings: ((word: string) => string)[] = [
  (word) => word,
  single,
  (word) => `"${word}"`,
  (word) => `\\${word}`,
  (word) => `${word.slice(0, 1)}''${word.slice(1)}`,
  (word) => `${word.slice(0, 1)}\\\n${word.slice(1)}`,
  (word) => `$'${[...word].map((letter) => `\\x${letter.charCodeAt(0).toString(16)}`).join('')}'`,
];

/** Ways to run a line inside another. */
const wrappings: ((line: string) => string)[] = [
  (line) => `(${line}\n)`,
  (line) => `{ ${line}\n}`,
  (line) => `echo $(${line}\n)`,
  (line) => `echo "$(${line}\n)"`,
  (line) => `cat <(${line}\n)`,
  (line) => `ls > >(${line}\n)`,
  (line) => `if ${line}\nthen ls; fi`,
  (line) => `if ls; then ${line}\nfi`,
  (line) => `while ls; do ${line}\ndone`,
  (line) => `for x in a; do ${line}\ndone`,
  (line) => `case x in x) ${line}\n;; esac`,
  (line) => `f() { ${line}\n}; f`,
  (line) => `(! { ${line}\n})`,
  (line) => `echo \${x:-$(${line}\n)}`,
  (line) => `sh -c ${single(line)}`,
  (line) => `sudo bash -c ${single(line)}`,
  (line) => `eval ${single(line)}`,
  (line) => `nohup timeout 5 sh -c ${single(line)}`,
  (line) => `env X=1 sh -c ${single(line)}`,
  (line) => `watch ${single(line)}`,
  (line) => `ls; ${line}`,
  (line) => `ls && ${line}`,
  (line) => `ls | ${line}`,
  (line) => `ls & ${line}`,
  (line) => `ls\n${line}`,
  (line) => `${line}\nls`,
];

describe('whatever is done to a denied command', () => {
  const spelled = fc
    .tuple(denied, fc.array(fc.nat(spellings.length - 1), { minLength: 5, maxLength: 5 }))
    .map(([line, choices]) =>
      line
        .split(' ')
        .map((word, index) => spellings[choices[index] ?? 0]!(word))
        .join(' '),
    );
  const wrapped = fc
    .tuple(spelled, fc.array(fc.constantFrom(...wrappings), { maxLength: 5 }))
    .map(([line, wraps]) => wraps.reduce((inner, wrap) => wrap(inner), line));
  const everything = { ...rules, allow: [...rules.allow, '/./s', 'sh', 'bash', 'sudo', 'eval', 'watch', 'env', 'f'] };

  it('it stays denied: quoted, wrapped', () => {
    fc.assert(
      fc.property(wrapped, (line) => assert.equal(judgeInSh(line, everything).verdict, 'deny', line)),
      { numRuns: 2000 },
    );
  });

  it('it stays denied: before and behind other commands', () => {
    const joined = fc.tuple(harmless, fc.constantFrom(';', '&&', '||', '|', '\n', '&'), wrapped, fc.boolean());
    fc.assert(
      fc.property(joined, ([other, separator, line, isFirst]) => {
        // A comment and a here-document end with their line.
        const pair = isFirst ? [line, other] : [other, line];
        const text = separator === '\n' || isFirst ? pair.join(separator) : pair.join(`\n`);
        assert.equal(judgeInSh(text, everything).verdict, 'deny', text);
      }),
      { numRuns: 1000 },
    );
  });

  it('nothing is allowed that has a part that is not', () => {
    const mixed = fc.tuple(fc.array(harmless, { maxLength: 4 }), fc.constantFrom(...wrappings), fc.array(harmless));
    fc.assert(
      fc.property(mixed, ([first, wrap, last]) => {
        const text = [...first, wrap('cargo build'), ...last].join('\n');
        assert.equal(judgeInSh(text).verdict, 'ask', text);
      }),
      { numRuns: 500 },
    );
  });

  it('any text at all gets a verdict, and is allowed only with nothing in it but what is allowed', () => {
    const pieces = [
      'git status',
      'rm x',
      ' ',
      '"',
      "'",
      '`',
      '$(',
      ')',
      '(',
      '{',
      '}',
      ';',
      '|',
      '&',
      '<',
      '>',
      '\n',
      '\\',
      '$',
      '#',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const { verdict } = judgeInSh(text, { allow: ['git status'], deny: [] });
        if (verdict === 'allow') assert.match(text, /git status/);
        // Words that follow the allowed command are its arguments.
        const others = text.replaceAll(/git status [\w $]*/g, '');
        if (verdict === 'allow' && !/['"\\#<]/.test(text)) assert.doesNotMatch(others, /\brm\b/);
      }),
      { numRuns: 3000 },
    );
  });
});
