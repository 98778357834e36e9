// docs/real-tools.md: a table of servers and a table of writers. Rows of tools that were not tried stay as they are.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { top } from '../editor/places.ts';
import { servers, writers } from './tools.ts';
import type { ServerResult } from './serverTrial.ts';
import type { WriterResult } from './writerTrial.ts';

const path = join(top, 'docs', 'real-tools.md');

const introduction = `# Real servers and progress writers

\`npm run tools\` installs these programs, runs each as a job and writes this page; \`npm run tools -- --only vite,redis\` runs only those. The versions of npm and PyPI are pinned; a program that only the system can have is used if it is there. Everything runs in a network namespace that has nothing but loopback, with the defaults of the program.`;

const tables = {
  server: {
    names: Object.keys(servers),
    text: `## Servers

Started with \`bgjobs run --ready-when listening --wait-ready\`: how long that takes, the \`url\` of the job and the status of its answer, and the first line (of which stream) that names the port. Ended with \`bgjobs kill --signal TERM\` and, in a second run, \`INT\`: how the main process ended and after what time, and which processes were left.`,
    columns: ['server', 'version', 'ready after', 'url', 'port first named', 'TERM', 'INT', 'left behind'],
  },
  writer: {
    names: Object.keys(writers),
    text: `## Progress writers

Each writes into a file, as a job does, and to a terminal of 50 × 200 (\`script\`). The reference is what xterm.js (\`@xterm/headless\`) shows of the same bytes; ours is what \`get_job_output\` answers.`,
    columns: ['writer', 'version', 'writes to', 'bytes', 'terminal shows', 'we show', 'equal'],
  },
};

export async function writeServer(name: string, version: string, result: ServerResult): Promise<void> {
  const { ready, url, named, term, int, left } = result;
  await writeRows('server', name, [[version, ready, url, named, term, int, left]]);
}

/** @param results into a file, and to a terminal */
export async function writeWriter(name: string, version: string, results: readonly WriterResult[]): Promise<void> {
  const rows = results.map(({ bytes, terminal, shown, differs }, index) => [
    ...[
      version,
      index === 0 ? 'a file' : 'a terminal',
      ...[bytes, terminal, shown].map((one) => one.toLocaleString('en')),
    ],
    differs === '' ? 'yes' : `**no**: ${differs}`,
  ]);
  await writeRows('writer', name, rows);
}

export async function writeMissing(name: string): Promise<void> {
  await writeRows(name in servers ? 'server' : 'writer', name, [['not installed here', ...Array<string>(6).fill('')]]);
}

async function writeRows(kind: keyof typeof tables, name: string, rows: readonly string[][]): Promise<void> {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const sections = Object.entries(tables).map(([each, { names, text, columns }]) => {
    const kept = (one: string) => before.match(new RegExp(`^\\| ${RegExp.escape(one)} +\\|.*$`, 'gm')) ?? [];
    const ofName = (one: string) =>
      each === kind && one === name ? rows.map((cells) => line([one, ...cells].slice(0, columns.length))) : kept(one);
    return [text, '', line(columns), line(columns.map(() => '---')), ...names.flatMap(ofName)].join('\n');
  });
  const options = await prettier.resolveConfig(path);
  const page = [introduction, ...sections].join('\n\n');
  writeFileSync(path, await prettier.format(page, { ...options, filepath: path }));
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Text of a program, in at most 100 characters. */
export function code(text: string): string {
  const short = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return `\`${short.replaceAll('|', '\\|').replaceAll('`', "'")}\``;
}
