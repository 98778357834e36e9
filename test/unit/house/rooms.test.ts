import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { longestChain, readSource, roomOf, type Import, type Source } from '../../../scripts/house/imports.ts';

const top = join(import.meta.dirname, '..', '..', '..');

/** What docs/architecture.md says of a room. */
interface Room {
  name: string;
  /** The rooms and packages from which it may import. */
  imports: readonly string[];
  /** The rooms whose bundles it loads when they are needed. */
  loads: readonly string[];
}

/** The limits of the house. */
const maxDepth = 15;
const maxLines = 300;

/** Folders that decide and never act: no file, no process, no clock of Node's. */
const pure = ['api', 'agents/policy', 'agents/coding', 'engine/queue', 'extension/model'];
/** Random ids, and the load of the machine below which jobs start. */
const allowed = ['engine/queue/schedules.ts', 'engine/queue/waitingQueue.ts'];

describe('the rooms of src', () => {
  const rooms = readRooms();
  let source: Source;
  /** The arrows between rooms. */
  let arrows: Import[];

  before(async () => {
    source = await readSource();
    arrows = source.imports.filter(({ from, to, isPackage }) => isPackage || roomOf(from) !== roomOf(to));
  });

  it('are those that docs/architecture.md lists', () => {
    assert.deepEqual([...new Set(source.files.map(roomOf))].sort(), rooms.map(({ name }) => name).sort());
  });

  it('import what docs/architecture.md says, and nothing else', () => {
    for (const { name, imports, loads } of rooms) {
      const own = arrows.filter(({ from }) => roomOf(from) === name);
      const target = ({ to, isPackage }: Import): string => (isPackage ? to : roomOf(to));
      const bundles = new Set(own.filter(({ isBundle }) => isBundle).map(target));
      // A bundle is known by its types alone to the room that loads it.
      const others = own.filter((one) => !one.isBundle && !(one.isType && bundles.has(target(one))));
      assert.deepEqual([...new Set(others.map(target))].sort(), [...imports].sort(), `${name} imports`);
      assert.deepEqual([...bundles].sort(), [...loads].sort(), `${name} loads`);
    }
  });

  it('import only from rooms that stand above them in the table, so that there is no circle', () => {
    const order = rooms.map(({ name }) => name);
    const wrong = rooms.flatMap(({ name, imports }) =>
      imports.filter((one) => order.indexOf(one) > order.indexOf(name)).map((one) => `${name} imports ${one}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('have no circle of files', () => {
    assert.deepEqual(source.circles, []);
  });

  it(`import each other in chains of at most ${maxDepth} files`, () => {
    const chain = longestChain(source);
    assert.ok(chain.length <= maxDepth, `${chain.length} files: ${chain.join(' > ')}`);
  });

  it('have no loose files beside other rooms, except those that put them together', () => {
    const parents = rooms.filter(({ name }) => rooms.some((other) => other.name.startsWith(`${name}/`)));
    for (const { name } of parents) {
      const loose = source.files.filter((file) => roomOf(file) === name);
      assert.deepEqual(loose, [`${name}/${basename(name)}.ts`, `${name}/wiring.ts`]);
    }
  });

  it(`have TypeScript files of at most ${maxLines} lines, each with a name of its own`, () => {
    const long = [...source.lines].filter(([, lines]) => lines > maxLines);
    assert.deepEqual(long, []);
    const names = source.files.map((file) => basename(file)).filter((name) => name !== 'main.ts');
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  it('keep what only decides free of Node and the editor', () => {
    const acting = source.imports.filter(
      ({ from, to, isType }) =>
        pure.includes(roomOf(from)) && !allowed.includes(from) && !isType && ['node:', 'vscode'].includes(to),
    );
    assert.deepEqual(acting, []);
  });
});

/** The rows of the table of rooms: name, what stands there, imports, packages, loads. */
function readRooms(): Room[] {
  const page = readFileSync(join(top, 'docs', 'architecture.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| `[\w/.]+` /.test(line));
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  assert.ok(cells.length > 20, `${cells.length} rooms in docs/architecture.md`);
  const list = (cell = ''): string[] => cell.split(/[\s,`]+/).filter((one) => one !== '' && one !== 'Node');
  return cells.map(([, name = '', , imports = '', packages = '', loads = '']) => ({
    name: name.replaceAll('`', '').replace(/\/$/, ''),
    imports: [...list(imports), ...list(packages), ...(packages.includes('Node') ? ['node:'] : [])],
    loads: list(loads),
  }));
}
