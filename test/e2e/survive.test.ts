import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, processesWithEnvironment } from '../../scripts/editor/processes.ts';
import type { ApiClient } from '../../src/client/apiClient.ts';
import type { Job } from '../../src/api/job.ts';
import { useEditor } from '../helpers/editor.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';

const jobs = 20;
const lines = 2000;

/**
 * Jobs that write while everything of ours ends around them. Each waits in the middle for a file, so that it is certain
 * that it was under way then, and ends with a code of its own.
 */
describe('jobs outlive the editor', () => {
  const editor = useEditor({
    files: {
      'work.sh': `
        i=0; while [ $i -lt ${lines / 2} ]; do echo "$1 line $i"; i=$((i+1)); done
        while [ ! -e "$2" ]; do sleep 0.05; done
        while [ $i -lt ${lines} ]; do echo "$1 line $i"; i=$((i+1)); done
        exit $1
      `,
    },
    settings: { 'backgroundJobs.maxConcurrentJobs': 0, 'backgroundJobs.maxConcurrentJobsPerSession': 0 },
  });

  it('when the window is reloaded', async () => {
    await story('reload', () => editor.workbench.reload());
  });

  it('when the extension host crashes', async () => {
    await story('crash', async () => {
      const [host] = extensionHosts();
      assert.ok(host, 'there is no extension host');
      process.kill(host, 'SIGKILL');
      await until('the extension host is gone', () => (extensionHosts().includes(host) ? undefined : true));
      // The editor starts another one by itself, or says that it does not.
      await until('there is a new extension host', () => extensionHosts()[0], 60_000).catch(() =>
        editor.workbench.reload(),
      );
    });
    await editor.workbench.screenshot('after-crash');
  });

  it('when the editor ends', async () => {
    await story('quit', async () => {
      await editor.stopServer();
      await editor.startServer();
      await editor.openWindow();
    });
  });

  it('when the job host is killed', async () => {
    await story('host', async (store) => {
      const { pid } = await store.getHost();
      process.kill(pid, 'SIGKILL');
      await until('another host serves', async () => ((await store.getHost()).pid === pid ? undefined : true));
    });
  });

  async function story(name: string, disaster: (store: ApiClient) => Promise<void>): Promise<void> {
    const store = storeOf(editor);
    try {
      await editor.workbench.openContainer('Background Jobs');
      await store.updateHost({ maxConcurrentJobs: 0, maxConcurrentJobsPerSession: 0 });
      const go = join(editor.workspace, name);
      const started = await Promise.all(Array.from({ length: jobs }, (_, index) => startOne(store, name, index, go)));
      await disaster(store);
      await editor.workbench.openContainer('Background Jobs');
      for (const { id } of started) assert.equal((await store.getJob(id)).status, 'running');
      await editor.workbench.tree('Jobs').waitForRow(`${name} 1`);
      await store.startJob({ argv: ['touch', go], cwd: editor.workspace, session: 'workspace' });
      for (const [index, { id, startedAt }] of started.entries()) {
        const { job } = await store.waitForJob(id);
        assert.equal(job.exitCode, index + 1);
        assert.equal(job.startedAt, startedAt);
        assert.equal(job.runs.length, 1);
        assertComplete(job, index + 1);
      }
      await editor.workbench.tree('Jobs').waitUntilGone(/^Running/);
    } finally {
      // The view shows new failures first, and the next story wants to see its own rows.
      await store.killJobs({ all: true, signal: 'KILL' });
      await store.cleanUp({ keep: 0 });
      store.dispose();
    }
  }

  async function startOne(store: ApiClient, name: string, index: number, go: string): Promise<Job> {
    const { job } = await store.startJob({
      name: `${name} ${index + 1}`,
      argv: ['sh', 'work.sh', String(index + 1), go],
      cwd: editor.workspace,
      session: 'workspace',
    });
    assert.equal(job.status, 'running');
    return job;
  }

  /** The extension hosts of the editor under test. */
  function extensionHosts(): number[] {
    const ofEditor = processesWithEnvironment('BGJOBS_HOME', editor.home);
    return ofEditor.filter((pid) => commandLine(pid).includes('--type=extensionHost'));
  }
});

function assertComplete(job: Job, code: number): void {
  const log = job.runs[0]?.logs.stdout ?? '';
  const expected = Array.from({ length: lines }, (_, index) => `${code} line ${index}\n`).join('');
  assert.equal(readFileSync(log, 'utf8'), expected);
}
