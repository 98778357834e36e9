// docs/agents-matrix.md: a table of all agents and scenarios, and a section for each agent.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { top } from '../editor/places.ts';
import { clients, type ClientName } from './clients.ts';
import { projections } from './projections.ts';
import { titles, type Cell, type ScenarioName } from './scripts.ts';

const path = join(top, 'docs', 'agents-matrix.md');
const scenarios = Object.keys(titles) as ScenarioName[];

const introduction = `# What coding agents get

Real coding agents, headless, each connected to \`bgjobs mcp\` as \`bgjobs setup\` does it, with a model that follows a script. \`npm run agents\` installs them, runs everything that stands here and writes this page; \`npm run agents -- claude codex\` runs only those. Nothing but the npm registry is reached.

**ok** and **wrong** judge what the model got, or what became of the agent and its job. [agents.md](agents.md) tells how to connect an agent.
`;

/** Writes what came of an agent, and keeps what the page says of the others. */
export async function writeMatrix(name: ClientName, cells: Partial<Record<ScenarioName, Cell>>): Promise<void> {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const names = Object.keys(clients) as ClientName[];
  const rows = names.map((one) =>
    one === name ? row(name, cells) : kept(before, new RegExp(`^\\\\| ${escaped(one)} .*$`, 'm')),
  );
  const sections = names.map((one) =>
    one === name ? section(name, cells) : kept(before, new RegExp(`^## ${escaped(one)} [^]*?(?=^## |(?![^]))`, 'm')),
  );
  const head = `| agent | ${scenarios.map((scenario) => titles[scenario]).join(' | ')} |\n|${' --- |'.repeat(scenarios.length + 1)}`;
  const page = [introduction, [head, ...rows.filter((one) => one !== '')].join('\n'), ...sections].join('\n\n');
  const options = await prettier.resolveConfig(path);
  writeFileSync(path, await prettier.format(page, { ...options, filepath: path }));
}

function row(name: ClientName, cells: Partial<Record<ScenarioName, Cell>>): string {
  const { title, version } = clients[name];
  const verdicts = scenarios.map((scenario) => verdict(cells[scenario]));
  return `| ${title} ${version} | ${verdicts.join(' | ')} |`;
}

function section(name: ClientName, cells: Partial<Record<ScenarioName, Cell>>): string {
  const { title, version } = clients[name];
  const rows = scenarios.flatMap((scenario) => {
    const cell = cells[scenario];
    if (!cell) return [];
    const size = cell.size === undefined ? '' : cell.size.toLocaleString('en');
    const seconds = cell.ms === undefined ? '' : (cell.ms / 1000).toFixed(1);
    return [`| ${titles[scenario]} | ${verdict(cell)} | ${code(cell.said)} | ${size} | ${seconds} |`];
  });
  return `## ${title} ${version}

It shows its model ${projections[name].shows}.

| scenario | | what the model got, or what became of the agent | characters | seconds |
| --- | --- | --- | --: | --: |
${rows.join('\n')}
`;
}

function verdict(cell: Cell | undefined): string {
  if (!cell) return '–';
  return cell.ok ? 'ok' : '**wrong**';
}

/** As code, without what is new each time. */
function code(text: string): string {
  const plain = text
    .replaceAll(/\/[^\s"]*\/bga-[^/\s"]*/g, '/tmp/bga')
    .replaceAll(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UUID')
    .replaceAll(/\b[0-9a-f]{8}\b/g, 'ID')
    .replaceAll(/pid \d+/g, 'pid N')
    .replaceAll('|', '\\|')
    .replaceAll('`', "'");
  return `\`${plain}\``;
}

function escaped(name: ClientName): string {
  return RegExp.escape(clients[name].title);
}

function kept(page: string, pattern: RegExp): string {
  return pattern.exec(page)?.[0].trim() ?? '';
}
