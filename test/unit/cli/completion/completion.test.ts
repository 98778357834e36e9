import assert from 'node:assert/strict';
import { jobStatuses } from '../../../../src/api/values.ts';
import type { Metrics } from '../../../../src/api/host.ts';
import type { Job, ListQuery } from '../../../../src/api/job.ts';
import type { JobService } from '../../../../src/api/endpoints.ts';
import { runFake } from '../fakeContext.ts';

const jobs = [
  { id: '1a2b3c4d-0000', name: 'web: dev', status: 'running', codingAgent: null, argv: null, command: 'npm run dev' },
  { id: '1a2f0000-0000', name: null, status: 'failed', codingAgent: null, argv: ['make', '-j2'], command: null },
  { id: '3c4d5e6f-0000', name: 'website', status: 'running', codingAgent: { name: 'codex', prompt: 'Fix\nit' } },
].map((job) => ({ ...job, shortId: job.id.slice(0, 8), options: { stdin: 'none', cron: null } }) as unknown as Job);

/** Lists these jobs, and notes with which filter. */
function listing(queries: ListQuery[] = []): Partial<JobService> {
  return {
    listJobs: (query = {}) => {
      queries.push(query);
      return Promise.resolve({ jobs, total: jobs.length, cursor: null });
    },
  };
}

/** What fish gets for the last of the words, at whose end the cursor is. */
async function completed(words: readonly string[], service: Partial<JobService> = {}): Promise<string[]> {
  const { code, stdout, stderr } = await runFake(
    ['__complete', 'fish', words.at(-1) ?? '', ...words.slice(0, -1)],
    service,
  );
  assert.deepEqual([code, stderr], [0, '']);
  return stdout.split('\n').slice(0, -1);
}

/** Without the descriptions. */
async function valuesOf(words: readonly string[], service?: Partial<JobService>): Promise<string[]> {
  const [kind, ...lines] = await completed(words, service);
  assert.equal(kind, 'values');
  return lines.map((line) => line.split('\t')[0] ?? '');
}

describe('completion of a command line', () => {
  it('offers the verbs with their summaries, also after help', async () => {
    const [kind, ...lines] = await completed(['re']);
    assert.equal(kind, 'values');
    assert.deepEqual(lines, [
      'resume\tresume paused jobs',
      'restart\trun jobs again',
      'release\tlet held jobs start, or scheduled jobs start now',
      'remove\tremove finished or held jobs and their logs',
    ]);
    assert.deepEqual(await completed(['help', 're']), [kind, ...lines]);
    assert.deepEqual(await valuesOf(['host', '']), [
      'status',
      'start',
      'stop',
      'enable',
      'disable',
      'telemetry',
      'help',
    ]);
  });

  it('offers the options of a verb, and those of the program', async () => {
    assert.deepEqual(await completed(['list', '--s']), [
      'values',
      '--status\tonly these states: running, waiting, finished, or exact ones such as timed_out',
      '--session\tonly jobs of this session',
      '--schedule\tonly jobs started by this schedule',
    ]);
    assert.deepEqual(await valuesOf(['-']), ['--version', '--help']);
    assert.deepEqual(await valuesOf(['ls', '--li']), ['--limit']);
    assert.deepEqual(await valuesOf(['host', 'stop', '--j']), ['--json']);
  });

  it('offers the values of an option, in the next word or after =', async () => {
    assert.deepEqual(await valuesOf(['run', '--capture', '']), ['separate', 'merged']);
    assert.deepEqual(await valuesOf(['run', '--capture=m']), ['--capture=merged']);
    assert.deepEqual(await valuesOf(['kill', '--signal', 'K']), ['KILL']);
    assert.deepEqual(await valuesOf(['list', '--status', '']), ['running', 'waiting', 'finished', ...jobStatuses]);
    assert.deepEqual(await valuesOf(['list', '--status', 'failed,ti']), ['failed,timed_out']);
    assert.deepEqual(await valuesOf(['move', '1a2b', 'f']), ['first']);
    assert.deepEqual(await valuesOf(['setup', 'claude']), ['claude', 'claude-desktop']);
    assert.deepEqual(await valuesOf(['run', '--priority', '']), []);
  });

  it('leaves files and folders to the shell', async () => {
    assert.deepEqual(await completed(['run', '--env-file', 'x']), ['files']);
    assert.deepEqual(await completed(['run', '--cwd=']), ['folders']);
  });

  it('leaves to the shell what runs as a job', async () => {
    assert.deepEqual(await completed(['run', '--', 'git', 'che']), ['program 2']);
    assert.deepEqual(await completed(['run', '--name', 'x', 'mak']), ['program 3']);
    assert.deepEqual(await completed(['run', '--wait', 'make', '--f']), ['program 2']);
  });

  it('offers the jobs for which the verb does something, by id and by name', async () => {
    const queries: ListQuery[] = [];
    assert.deepEqual(await completed(['kill', ''], listing(queries)), [
      'values',
      '1a2b3c4d\trunning  web: dev',
      '1a2f0000\tfailed  make -j2',
      '3c4d5e6f\trunning  website',
    ]);
    assert.deepEqual(await valuesOf(['status', '1a2'], listing(queries)), ['1a2b3c4d', '1a2f0000']);
    assert.deepEqual(await valuesOf(['status', 'web'], listing()), ['web: dev', 'website']);
    assert.deepEqual(await valuesOf(['status', '1a2b3c4d-'], listing()), ['1a2b3c4d-0000']);
    assert.deepEqual(await valuesOf(['remove', 'x', '--json', '1a2f'], listing(queries)), ['1a2f0000']);
    assert.deepEqual(await valuesOf(['agent-events', ''], listing()), ['3c4d5e6f']);
    assert.deepEqual(await valuesOf(['status', 'x', ''], listing()), []);
    assert.deepEqual(
      queries.map(({ status }) => status),
      ['waiting,running', undefined, 'finished,held'],
    );
  });

  it('offers conditions after the id of a job', async () => {
    assert.deepEqual(await valuesOf(['run', '--after', '3c'], listing()), ['3c4d5e6f']);
    assert.deepEqual(await valuesOf(['run', '--after', '3c4d:s']), ['3c4d:succeeded', '3c4d:started']);
  });

  it('offers names and sessions that there are', async () => {
    assert.deepEqual(await valuesOf(['run', '--name', 'w'], listing()), ['web: dev', 'website']);
    const metrics = { bySession: { cli: {}, nightly: {} } } as unknown as Metrics;
    const getMetrics = () => Promise.resolve(metrics);
    assert.deepEqual(await valuesOf(['list', '--session', 'n'], { getMetrics }), ['nightly']);
  });

  it('says nothing of a failure', async () => {
    assert.deepEqual(await completed(['kill', ''], { listJobs: () => Promise.reject(new Error('no host')) }), []);
    assert.deepEqual(await valuesOf(['nosuchverb', '']), []);
    assert.deepEqual(await valuesOf(['list', '--nosuch=']), []);
    const unknown = await runFake(['__complete', 'tcsh', '']);
    assert.deepEqual([unknown.code, unknown.stdout, unknown.stderr], [0, '', '']);
  });

  it('knows the words of each shell', async () => {
    const asked = async (...args: string[]) => (await runFake(['__complete', ...args], listing())).stdout;
    assert.equal(await asked('zsh', 'web', 'kill'), 'values\nweb: dev\trunning  web: dev\nwebsite\trunning  website\n');
    assert.equal(await asked('zsh', '3c4d:r', 'run', '--after'), 'values\n3c4d:ready\n');
    const { stdout } = await runFake(['__complete', 'powershell'], listing(), {
      env: { BGJOBS_COMPLETE: '3c\nbgjobs\nkill' },
    });
    assert.equal(stdout, 'values\n3c4d5e6f\trunning  website\n');
  });

  it('replaces of a word what bash takes for the last one', async () => {
    const bash = async (line: string, replaced: string, parts: string[], type = '9') =>
      (await runFake(['__complete', 'bash', type, line, replaced, ...parts], listing())).stdout
        .split('\n')
        .slice(0, -1);
    assert.deepEqual(await bash('bgjobs kill 3', '3', ['bgjobs', 'kill']), ['values', '3c4d5e6f']);
    assert.deepEqual(await bash('bgjobs list --status=fa', 'fa', ['bgjobs', 'list', '--status', '=']), [
      'values',
      'failed',
    ]);
    assert.deepEqual(await bash('bgjobs run --capture=', '', ['bgjobs', 'run', '--capture']), [
      'values',
      'separate',
      'merged',
    ]);
    assert.deepEqual(await bash('bgjobs run --after 3c4d:r', 'r', ['bgjobs', 'run', '--after', '3c4d', ':']), [
      'values',
      'ready',
    ]);
    assert.deepEqual(await bash('bgjobs run --name web', 'web', ['bgjobs', 'run', '--name']), [
      'values',
      'web:\\ dev',
      'website',
    ]);
    assert.deepEqual(await bash('bgjobs run --name "we', 'we', ['bgjobs', 'run', '--name']), [
      'values',
      'web: dev',
      'website',
    ]);
    assert.deepEqual(
      await bash('bgjobs run --env=A=b --env C=d -- git c', 'c', [
        'bgjobs',
        'run',
        '--env',
        '=',
        'A',
        '=',
        'b',
        '--env',
        'C',
        '=',
        'd',
        '--',
        'git',
      ]),
      ['program 12'],
    );
    assert.deepEqual(await bash('bgjobs kill ', '', ['bgjobs', 'kill'], '63'), [
      'values',
      '1a2b3c4d  (running  web: dev)',
      '1a2f0000  (failed  make -j2)',
      '3c4d5e6f  (running  website)',
    ]);
  });

  it('is loaded by a script, with instructions in the help', async () => {
    for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
      const { code, stdout } = await runFake(['completion', shell]);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`bgjobs __complete ${shell} `.trimEnd()));
    }
    assert.match(
      (await runFake(['completion', '--help'])).stdout,
      /bash: add this line to ~\/\.bashrc:\n +source <\(bgjobs completion bash\)/,
    );
    assert.equal((await runFake(['completion', 'tcsh'])).code, 2);
  });
});
