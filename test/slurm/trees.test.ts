import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { top } from '../../scripts/editor/places.ts';
import { connect, type ApiClient } from '../../src/client/apiClient.ts';
import { endTagged, newTag, sleepersOf, survivorsOf, tagged } from '../torture/census.ts';
import { hardShapes, type HardShape } from '../torture/hardShapes.ts';
import { describeError } from '../helpers/report.ts';
import { useSlurmHome } from '../helpers/slurm/slurmHome.ts';
import { until } from '../helpers/until.ts';

const names = [
  'a shell pipeline',
  'nohup in the background',
  'fifty wide',
  'ignores TERM',
  'a child with its own session',
  'a detached Node child',
  'a double fork',
  'a stopped tree',
  'a respawner',
  'an environment cleared by the child',
  'a daemon by the book',
  'a daemon that cleared its environment and left the log',
  'a successor in a session of its own that is started when the signal comes',
];
const killWaitMs = 2000;

/** How many processes live after the end, or what went wrong. */
type Outcome = number | string;

describe('trees of processes on a cluster, where Slurm sees parents and children', () => {
  const home = useSlurmHome({ nodes: 2, cpus: 64, extra: [`KillWait=${killWaitMs / 1000}`] });
  const all = hardShapes();
  const shapes = names.map((name) => all.find((shape) => shape.name === name) ?? assert.fail(name));
  let client: ApiClient;
  let ours: Outcome[];

  before(async () => {
    await home.json(['list']);
    client = await connect({ home: home.path, env: { ...process.env, BGJOBS_HOME: home.path }, start: false });
    ours = await ofEach(killed);
  });

  after(() => client.dispose());

  for (const [index, { name }] of shapes.entries()) {
    it(`leave nobody when the job is killed: ${name}`, () => assert.equal(ours[index], 0));
  }

  it('are listed in docs/slurm.md beside what scancel leaves (UPDATE_DOCS=1 measures it and writes the table)', async () => {
    const path = join(top, 'docs', 'slurm.md');
    const text = readFileSync(path, 'utf8');
    const [, table = ''] = /<!-- trees: [^\n]* -->\n\n([^]*?)\n\n<!-- \/trees -->/.exec(text) ?? [];
    if (process.env['UPDATE_DOCS']) {
      const theirs = await ofEach(canceled);
      const rows = names.map((name, index) => `| ${name} | ${ours[index]} | ${theirs[index]} |`);
      const head = ['| tree | after Kill | after `scancel` |', '| --- | --- | --- |'];
      writeFileSync(path, text.replace(table, [...head, ...rows].join('\n')));
      return;
    }
    const rows = table.split('\n').slice(2);
    const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    assert.deepEqual(
      cells.map(([, name, kill]) => [name, kill]),
      names.map((name) => [name, '0']),
    );
    assert.ok(cells.some(([, , , scancel]) => Number(scancel) > 0));
  });

  /** Four at a time. */
  async function ofEach(end: (shape: HardShape, tag: string) => Promise<number>): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const waiting = shapes.entries();
    const work = async (): Promise<void> => {
      for (const [index, shape] of waiting) {
        const tag = newTag();
        outcomes[index] = await end(shape, tag).catch(describeError);
        await endTagged(tag);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    return outcomes;
  }

  async function killed(shape: HardShape, tag: string): Promise<number> {
    const argv = shape.command(tag);
    const { job } = await client.startJob({ cwd: home.path, argv, runner: 'slurm', graceMs: 500 });
    await isComplete(shape, tag, job.runs[0]?.logs.stdout ?? join(home.path, 'runs', `${job.id}.1`, 'stdout.log'));
    const outcome = await client.killJob(job.id, {});
    assert.deepEqual([outcome.result, outcome.survivors, outcome.job.status], ['killed', [], 'killed']);
    return (await survivorsOf(tag)).length;
  }

  /** By plain sbatch and scancel. */
  async function canceled(shape: HardShape, tag: string): Promise<number> {
    const folder = join(home.path, `plain-${tag}`);
    mkdirSync(folder);
    const script = join(folder, 'script');
    writeFileSync(script, '#!/bin/sh\nexec "$@"\n');
    const output = join(folder, 'output');
    const options = ['--parsable', '--no-requeue', '-o', output, '-D', folder, script];
    const { stdout: id } = await home.cluster().run('sbatch', ...options, ...shape.command(tag));
    await isComplete(shape, tag, output);
    await home.cluster().run('scancel', id);
    await until('it has ended', async () => {
      const { stdout } = await home.cluster().run('squeue', '-h', '-t', 'R,CG,PD', '-o', '%i');
      return stdout.split('\n').includes(id) ? undefined : true;
    });
    await sleep(2 * killWaitMs);
    return (await survivorsOf(tag)).length;
  }
});

async function isComplete({ ready, name }: HardShape, tag: string, output: string): Promise<void> {
  const tree = {
    alive: () => tagged(tag),
    sleepers: () => sleepersOf(tag),
    get stdout() {
      return existsSync(output) ? readFileSync(output, 'utf8') : '';
    },
    exit: undefined,
  };
  const isReady = () => (typeof ready === 'number' ? tree.sleepers().length === ready : ready(tree));
  await until(`the tree of ${name} is complete`, () => (isReady() ? true : undefined), 30_000);
}
