import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnvFile } from '../../../src/text/envFile.ts';

describe('An env file', () => {
  const read = (text: string, env = {}, inherited = {}) => parseEnvFile(text, env, inherited);

  // The values are those of compose-go 2.16.2.
  for (const [text, value] of [
    ['A=x', 'x'],
    ['  export  A = x ', 'x'],
    ['A: x', 'x'],
    ['A=\nC=x', ''],
    ['A=two words # comment', 'two words'],
    ['A=a#b', 'a#b'],
    ['A=#b', '#b'],
    [`A=it's "so"`, `it's "so"`],
    ['A=a\\nb\\', 'a\\nb\\'],
    ['A=`date` $(date) $1 $ 5 $', '`date` $(date) $1 $ 5 $'],
    ['A="say \\"hi\\"" # comment', 'say "hi"'],
    ["A='it\\'s'#comment", "it's"],
    ['A="# \\# no comment"', '# \\# no comment'],
    [`A='a\\nb \${B} \\\\'`, 'a\\nb ${B} \\\\'],
    ['A="a\\n\\tb\\\\n\\x\\\'"', "a\n\tb\\n\\x\\'"],
    ['A="a\n\n#b\nB=c"\nD=x', 'a\n\n#b\nB=c'],
    ["A='a\nb'", 'a\nb'],
    ['A=$B-${B}_', 'b-b_'],
    ['A="$B ${B}"', 'b b'],
    ['A=pa$$word$$$$', 'pa$word$$'],
    ['A="\\$B \\\\$B"', '$B \\b'],
    ['A=${NONE:-d}${NONE-d}${EMPTY:-d}${EMPTY-d}', 'ddd'],
    ['A=${B:+a}${EMPTY:+a}${EMPTY+a}${NONE+a}', 'aa'],
    ['A=${NONE:-${EMPTY:-{${B}}}}', '{b}'],
    ['A=${B:?}${EMPTY?}', 'b'],
  ] as const) {
    it(`is read as Docker Compose reads it: ${JSON.stringify(text)}`, () => {
      assert.equal(read(`B=b\nEMPTY=\n# comment\n\n${text}`)['A'], value);
    });
  }

  it('can name variables as no shell does', () => {
    assert.deepEqual(
      read('1.a-b[0]=x\né=y\n__proto__=z'),
      Object.fromEntries([
        ['1.a-b[0]', 'x'],
        ['é', 'y'],
        ['__proto__', 'z'],
      ]),
    );
  });

  it('refers to the values that the job gets: its own, then those of the file, then inherited ones', () => {
    const text = 'FILE=file\nOWN=file\nA=$OWN $FILE $INHERITED\nPATH=/x:$PATH\nGONE=${GONE:-gone}';
    const values = read(
      text,
      { OWN: 'own', GONE: null },
      { OWN: '-', FILE: '-', INHERITED: 'inherited', PATH: '/bin', GONE: 'x' },
    );
    assert.deepEqual([values['A'], values['PATH'], values['GONE']], ['own file inherited', '/x:/bin', 'gone']);
  });

  it('says nothing about a variable that is only named: it is inherited', () => {
    assert.deepEqual(read('A\nB=x\nexport C'), { B: 'x' });
  });

  it('can have CRLF line ends, and may end without one', () => {
    assert.deepEqual(read('A=x\r\n\r\nB="y\r\nz"\r\nC=x'), { A: 'x', B: 'y\nz', C: 'x' });
  });

  for (const [text, problem] of [
    ['A=x\n\nset -a\n', 'line 3: it is not NAME=value'],
    ['A=x\nA+=y', 'line 2: it is not NAME=value'],
    ['=x', 'line 1: it is not NAME=value'],
    ['A="a\nb"\nB="x\nC=y', 'line 3: the quotes of B are not closed, or text follows them'],
    ['A="x"y', 'line 1: the quotes of A are not closed, or text follows them'],
    ["A='x' B=y", 'line 1: the quotes of A are not closed, or text follows them'],
    ['A=x\nB=pa$word', 'line 2: word is not set. Write $$ for a dollar sign, or ${word:-} for no value'],
    ['A=${NONE:?give one}', 'line 1: NONE is not set: give one'],
    ['A=${NONE', 'line 1: a ${ is not closed'],
    ['A=${ B }', 'line 1: ${ B } is not a variable'],
    ['A\0=\0x\0', 'it is not text in UTF-8'],
  ] as const) {
    it(`is refused where it cannot be read: ${JSON.stringify(text)}`, () => {
      assert.throws(() => read(text), { message: problem });
    });
  }

  it('has the values that its page says', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'env-files.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(.+?)` +\|(?:.+\|){3} (?:`(.+?)`|(.+?)) +\|$/gm)];
    assert.ok(rows.length > 10);
    for (const [, line = '', value, note] of rows) {
      const text = `B=b\n${line.replaceAll('⏎', '\n')}`;
      if (note === 'refused') assert.throws(() => read(text), /^Error: line 2: /, line);
      else assert.equal(read(text)['A'], note === 'empty' ? '' : value?.replaceAll('⏎', '\n'), line);
    }
  });
});
