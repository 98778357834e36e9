import { execa } from 'execa';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../scripts/editor/freePort.ts';
import { processesWithEnvironment, signal } from '../../../scripts/editor/processes.ts';
import { until } from '../until.ts';
import { cgroupConf, ClusterFiles, slurmConf, type ClusterOptions } from './configuration.ts';
import { Daemon } from './daemon.ts';
import { provideSlurm, type SlurmPrograms } from './programs.ts';

interface Answer {
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/** A private Slurm: a controller and some nodes on this machine, which are reached from nowhere else. */
export class SlurmCluster implements AsyncDisposable {
  readonly #files: ClusterFiles;
  readonly #names: readonly string[];
  readonly #munged: Daemon;
  readonly controller: Daemon;
  readonly nodes: readonly Daemon[];

  /** Resolves when all nodes are idle. Undefined, with a line that says why, where there can be no cluster. */
  static async start(options: ClusterOptions = {}): Promise<SlurmCluster | undefined> {
    const programs = await provideSlurm();
    if (!programs) return undefined;
    const files = new ClusterFiles(mkdtempSync(join(tmpdir(), 'sl-')));
    const count = options.nodes ?? 1;
    // Control groups are called after nodes, and there may be several clusters.
    const prefix = options.proctrack === 'cgroup' ? `g${process.pid}n` : 'n';
    const names = Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
    const cluster = await SlurmCluster.#prepare(files, programs, names, options);
    try {
      await cluster.#startAll();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  static async #prepare(
    files: ClusterFiles,
    programs: SlurmPrograms,
    names: readonly string[],
    options: ClusterOptions,
  ): Promise<SlurmCluster> {
    const bin = join(files.folder, 'bin');
    for (const folder of [bin, files.log, files.run, files.state, join(files.state, 'controller')]) mkdirSync(folder);
    for (const name of names) mkdirSync(join(files.state, name));
    // Slurm's own users and munged look into it, and munged wants no folder that others can write.
    await execa('chmod', ['-R', 'u=rwX,go=rX', files.folder]);
    const link = (name: 'slurmctld' | 'slurmd' | 'slurmstepd'): string => {
      const path = join(bin, name);
      symlinkSync(programs[name], path);
      return path;
    };
    // A program that is not called slurmstepd crashes as soon as it counts what a job uses.
    const [slurmctld, slurmd, slurmstepd] = [link('slurmctld'), link('slurmd'), link('slurmstepd')];
    const key = join(files.folder, 'munge.key');
    writeFileSync(key, crypto.getRandomValues(new Uint8Array(1024)), { mode: 0o600 });
    const ports: number[] = [];
    while (ports.length <= names.length) {
      const port = await freePort();
      if (!ports.includes(port)) ports.push(port);
    }
    writeFileSync(files.configuration, slurmConf(files, programs, names, ports, options));
    const { stdout: version } = await execa(slurmd, ['-V']);
    const cgroup = cgroupConf(options.proctrack, version);
    if (cgroup !== undefined) writeFileSync(join(files.folder, 'cgroup.conf'), cgroup);

    const env = { ...process.env, SLURM_CONF: files.configuration };
    const daemon = (name: string, ...command: string[]) =>
      new Daemon(name, command, env, join(files.log, `${name}.out`));
    const munged = daemon(
      ...(['munged', programs.munged, '--foreground', '--force', `--key-file=${key}`] as const),
      ...[`--socket=${files.socket}`, `--pid-file=${join(files.run, 'munged.pid')}`],
      ...[`--log-file=${join(files.log, 'munged.log')}`, `--seed-file=${join(files.state, 'munge.seed')}`],
    );
    const nodes = names.map((name) => daemon(name, slurmd, '-D', '-d', slurmstepd, '-N', name));
    return new SlurmCluster(files, names, munged, daemon('slurmctld', slurmctld, '-D'), nodes);
  }

  private constructor(
    files: ClusterFiles,
    names: readonly string[],
    munged: Daemon,
    controller: Daemon,
    nodes: readonly Daemon[],
  ) {
    this.#files = files;
    this.#names = names;
    this.#munged = munged;
    this.controller = controller;
    this.nodes = nodes;
  }

  /** What `sbatch` and the other programs of Slurm need to find this cluster. */
  get env(): { SLURM_CONF: string } {
    return { SLURM_CONF: this.#files.configuration };
  }

  get folder(): string {
    return this.#files.folder;
  }

  node(index: number): Daemon {
    const node = this.nodes[index];
    if (!node) throw new Error(`There are ${this.nodes.length} nodes.`);
    return node;
  }

  /** Runs a program of Slurm. What it says of a failure is in the answer. */
  async run(program: string, ...args: string[]): Promise<Answer> {
    const options = { env: this.env, reject: false, stdin: 'ignore', timeout: 30_000 } as const;
    const { exitCode, stdout, stderr } = await execa(program, args, options);
    return { code: exitCode, stdout, stderr };
  }

  /** Waits until the controller answers and every node that runs is up. */
  async isReady(): Promise<void> {
    const wanted = this.nodes.filter(({ pid }) => pid !== undefined).map(({ name }) => name);
    const states = ['idle', 'mixed', 'allocated', 'completing'];
    await until(
      'the nodes are up',
      async () => {
        const { stdout } = await this.run('sinfo', '-h', '-N', '-o', '%N %T');
        const up = stdout.split('\n').map((line) => line.split(' '));
        return wanted.every((name) => up.some(([node, state]) => node === name && states.includes(state!)))
          ? true
          : undefined;
      },
      30_000,
    ).catch((error: unknown) => {
      throw new Error(this.#lastLines(), { cause: error });
    });
  }

  async #startAll(): Promise<void> {
    this.#munged.start();
    await until('munged listens', () => (existsSync(this.#files.socket) ? true : undefined), 10_000);
    this.controller.start();
    for (const node of this.nodes) node.start();
    await this.isReady();
  }

  #lastLines(): string {
    const logs = globSync(join(this.#files.log, '*'));
    return logs.map((path) => `${path}:\n${readFileSync(path, 'utf8').split('\n').slice(-15).join('\n')}`).join('\n');
  }

  /** Processes of the cluster and of its jobs, as far as those have kept their environment. */
  processes(): number[] {
    return processesWithEnvironment('SLURM_CONF', this.#files.configuration);
  }

  /** Ends the jobs, the daemons, and what jobs have left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isUp = this.controller.pid !== undefined && this.nodes.some(({ pid }) => pid !== undefined);
    if (isUp) await this.#endJobs();
    for (const daemon of [...this.nodes, this.controller, this.#munged]) await daemon.end('SIGTERM');
    await until('no process of the cluster is left', () => {
      const left = this.processes();
      for (const pid of left) signal(pid, 'SIGKILL');
      return left.length === 0 ? true : undefined;
    });
    for (const name of this.#names) {
      // Deepest first. It leaves them behind.
      const groups = globSync(`/sys/fs/cgroup/*/slurm_${name}{,/**/}`).sort((a, b) => b.length - a.length);
      for (const group of groups) rmdirSync(group);
    }
    rmSync(this.#files.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A node that is down keeps its jobs, and a job may ignore the signal: this gives up after some seconds. */
  async #endJobs(): Promise<void> {
    await this.run('scancel', '--user=root');
    const deadline = performance.now() + 3000;
    await until('no job is left', async () => {
      const { stdout } = await this.run('squeue', '-h');
      return stdout === '' || performance.now() > deadline ? true : undefined;
    });
  }
}

/** A cluster for the tests of the enclosing describe block, which are skipped where there can be none. */
export function useSlurm(options: ClusterOptions = {}): () => SlurmCluster {
  let cluster: SlurmCluster | undefined;
  before(async function () {
    this.timeout(300_000);
    cluster = await SlurmCluster.start(options);
    if (!cluster) this.skip();
  });
  after(() => cluster?.[Symbol.asyncDispose]());
  return () => {
    if (!cluster) throw new Error('There is no cluster.');
    return cluster;
  };
}
