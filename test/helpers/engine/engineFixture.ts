import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openEngine, type Engine } from '../../../src/engine/engine.ts';
import type { EngineOptions } from '../../../src/engine/wiring.ts';
import type { EventRow } from '../../../src/store/eventTable.ts';
import { BgJobsError, type ErrorCode } from '../../../src/api/errors.ts';
import type { Job } from '../../../src/api/job.ts';
import type { OutputQuery } from '../../../src/api/output.ts';
import type { StartRequest } from '../../../src/api/options.ts';
import type { JobStatus } from '../../../src/api/values.ts';
import { until } from '../until.ts';
import { endProcesses } from './processes.ts';
import { TemporaryFolder } from './temporaryFolder.ts';

type Options = Partial<Pick<EngineOptions, 'settings' | 'nodeSupervisor'>>;

/** An engine on a new store. Disposing it ends every process that it has started. */
export class EngineFixture implements AsyncDisposable {
  readonly #folder = new TemporaryFolder();
  readonly #options: Options;
  #engine: Engine | undefined;
  /** The messages that the engine has logged. It must be empty at the end, so tests remove expected messages. */
  readonly logged: string[] = [];
  /** How often the engine has reported that it may be idle. */
  idleChanges = 0;

  static async open(settings: EngineOptions['settings'] = {}, options: Options = {}): Promise<EngineFixture> {
    const test = new EngineFixture({ settings, ...options });
    await test.open();
    return test;
  }

  private constructor(options: Options) {
    this.#options = options;
  }

  get home(): string {
    return this.#folder.path;
  }

  get engine(): Engine {
    assert.ok(this.#engine);
    return this.#engine;
  }

  /** Opens another engine on the same store, after a test has closed the first one. */
  async open(): Promise<Engine> {
    this.#engine = await openEngine({
      home: this.home,
      version: '1.2.3',
      settings: {},
      onIdleChanged: () => this.idleChanges++,
      log: (message) => this.logged.push(message),
      ...this.#options,
    });
    return this.#engine;
  }

  async close(): Promise<void> {
    await this.#engine?.close();
    this.#engine = undefined;
  }

  /** Starts `true` in the store folder, unless the request says otherwise. */
  async start(request: Partial<StartRequest> = {}): Promise<Job> {
    // A marker by which all processes of this engine can be found, whatever happens to the engine.
    const env = { TEST_HOME: this.home, ...request.env };
    const argv = request.command === undefined ? ['true'] : undefined;
    return (await this.engine.startJob({ argv, cwd: this.home, ...request, env })).job;
  }

  sh(script: string, request: Partial<StartRequest> = {}): Promise<Job> {
    return this.start({ argv: ['sh', '-c', script], ...request });
  }

  /** Starts a script and waits until it has printed `up` and, while it runs, its pid is known. */
  async up(script: string, request: Partial<StartRequest> = {}): Promise<Job> {
    const { id } = await this.sh(script, request);
    await this.says({ id }, 'up');
    return until(`the pid of ${id} is known`, async () => {
      const job = await this.engine.getJob(id);
      return job.pid !== null || job.status !== 'running' ? job : undefined;
    });
  }

  async says({ id }: Pick<Job, 'id'>, word: string): Promise<void> {
    const { match } = await this.engine.waitForJob(id, { for: `/${word}/` });
    assert.ok(match !== null, `it has ended without printing ${word}`);
  }

  async ended({ id }: Job): Promise<Job> {
    return (await this.engine.waitForJob(id)).job;
  }

  reaches({ id }: Job, ...statuses: JobStatus[]): Promise<Job> {
    return until(`${id} is ${statuses.join(' or ')}`, async () => {
      const job = await this.engine.getJob(id);
      return statuses.includes(job.status) ? job : undefined;
    });
  }

  async text({ id }: Job, query: OutputQuery = {}): Promise<string> {
    const { chunks, more } = await this.engine.getOutput(id, { limit: 16_777_216, ...query });
    assert.ok(!more);
    return chunks.map((chunk) => chunk.text).join('');
  }

  path(name: string): string {
    return join(this.home, name);
  }

  /** The content of a file in the store folder. Empty if the file does not exist. */
  file(name: string): string {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : '';
  }

  /** The stored fields of a job, unchanged. */
  record({ id }: Job): unknown {
    using database = new DatabaseSync(this.path('jobs.db'), { readOnly: true });
    return {
      job: database.prepare('SELECT * FROM jobs WHERE id = ?').all(id),
      runs: database.prepare('SELECT * FROM runs WHERE job = (SELECT row FROM jobs WHERE id = ?)').all(id),
      events: this.events({ id }),
    };
  }

  /** The stored events of a job. */
  events({ id }: Pick<Job, 'id'>): EventRow[] {
    using database = new DatabaseSync(this.path('jobs.db'), { readOnly: true });
    return database.prepare('SELECT * FROM events WHERE jobId = ? ORDER BY seq').all(id) as unknown as EventRow[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await endProcesses(`TEST_HOME=${this.home}`);
    this.#folder[Symbol.dispose]();
    assert.deepEqual(this.logged, []);
  }
}

/** For `assert.rejects`: whether an error is this expected failure. */
export function failure(code: ErrorCode, text = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof BgJobsError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, text);
    return true;
  };
}
