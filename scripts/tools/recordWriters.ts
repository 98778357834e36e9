// `node scripts/tools/recordWriters.ts tqdm 'git clone'` records what these writers write, or all of them, for
// test/unit/text/recordedOutput.test.ts: in a terminal, and into a file if they draw lines over there too.
import { execa } from 'execa';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../editor/places.ts';
import { environmentOf, folderOf, install, prepare } from './installTool.ts';
import { commandOf, type Writer } from './tool.ts';
import { writers } from './tools.ts';

/** A recording that is longer ends before this (bytes), where a line or a state of it ends. */
const mostBytes = 6000;

async function record(writer: Writer, isTerminal: boolean): Promise<string> {
  const [program, ...args] = commandOf(writer, isTerminal ? [24, 80] : undefined);
  const { all } = await execa(program, args, {
    cwd: folderOf(writer),
    env: environmentOf(writer),
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    encoding: 'latin1',
    stripFinalNewline: false,
    timeout: 60_000,
    reject: false,
  });
  const text = all.replaceAll(folderOf(writer), '/project');
  if (text.length <= mostBytes) return text;
  const cut = text.slice(0, mostBytes);
  return cut.slice(0, Math.max(cut.lastIndexOf('\n') + 1, cut.lastIndexOf('\r')));
}

function save(name: string, text: string): void {
  const file = `${name.replace(/[^\w.]+/g, '-').replace(/-$/, '')}.txt`;
  // In Latin-1, so that every byte stays as it is.
  writeFileSync(join(top, 'test', 'fixtures', 'recorded-output', file), text, 'latin1');
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(writers);
for (const name of wanted) {
  const writer = writers[name];
  if (!writer) throw new Error(`There is no writer ${name}.`);
  await install(writer);
  await prepare(writer);
  save(`${name}.terminal`, await record(writer, true));
  const written = await record(writer, false);
  if (/[\r\b\x1b]/.test(written)) save(`${name}.file`, written);
}
