import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { isAlive } from '../../scripts/editor/processes.ts';
import type { Job } from '../../src/api/job.ts';
import { toolNames } from '../../src/agents/tools/names.ts';
import { useHome, type Home } from '../helpers/cli.ts';
import { McpClient, type Era } from '../helpers/mcp.ts';
import { Serving } from '../helpers/serve.ts';
import { until } from '../helpers/until.ts';

/** Every way to speak MCP with the jobs of a home. */
const ways: { name: string; era: Era; open: (home: Home, stack: AsyncDisposableStack) => Promise<McpClient> }[] = (
  ['legacy', 'modern'] as const
).flatMap((era) => [
  {
    name: `MCP on stdio, ${era} client`,
    era,
    open: async (home, stack) => stack.use(await McpClient.stdio(home, era, ['--session', 'agent'])),
  },
  {
    name: `MCP over HTTP, ${era} client`,
    era,
    open: async (home, stack) => {
      const serving = stack.use(await Serving.start(home));
      return stack.use(await McpClient.http(serving.served, era, `?session=agent&cwd=${home.path}`));
    },
  },
]);

for (const { name, era, open } of ways) {
  describe(name, () => {
    const home = useHome();
    let stack: AsyncDisposableStack;
    let mcp: McpClient;

    beforeEach(async () => {
      stack = new AsyncDisposableStack();
      mcp = await open(home, stack);
    });
    afterEach(() => stack.disposeAsync());

    it('says what it is for, and offers every tool', async () => {
      assert.match(mcp.client.getInstructions() ?? '', /start_job returns at once/);
      const { tools } = await mcp.client.listTools();
      assert.deepEqual(
        tools.map((tool) => tool.name),
        [...toolNames],
      );
      for (const tool of tools) {
        assert.ok(tool.title && tool.description && !tool.outputSchema, tool.name);
        assert.equal(tool.inputSchema.type, 'object', tool.name);
      }
      assert.ok(JSON.stringify(tools).length <= 25_000);
      assert.ok((mcp.client.getInstructions() ?? '').length < 4096);
      const hints = (toolName: string) => tools.find((tool) => tool.name === toolName)?.annotations;
      assert.deepEqual([hints('list_jobs')?.readOnlyHint, hints('kill_job')?.destructiveHint], [true, true]);
    });

    it('runs a job from its start to its proven end, visible to all clients', async () => {
      const { id, text } = await mcp.call('start_job', {
        command: 'echo Listening on 80; read line; echo "got $line"; exec sleep 600',
        stdin: 'pipe',
        name: 'server',
        lookMs: 0,
      });
      assert.match(text, /^Job \w{8} \(server\): /);
      const { session, cwd, options } = await home.json<Job>(['status', id]);
      assert.deepEqual([session, cwd, options.actor], ['agent', home.path, 'agent']);
      assert.match((await mcp.call('wait_for_job', { id, for: '/Listening/' })).text, /^This line matched/m);
      assert.match((await mcp.call('send_job_input', { id, text: 'hi', key: 'enter', lookMs: 1000 })).text, /got hi/);
      assert.match((await mcp.call('get_job_output', { id })).text, /---\nListening on 80\ngot hi\n---/);
      assert.match((await mcp.call('list_jobs')).text, /"server" running/);

      const { pid } = await home.json<{ pid: number }>(['status', id]);
      assert.ok(isAlive(pid));
      assert.match((await mcp.call('kill_job', { id, reason: 'done' })).text, /^killed: /);
      assert.equal(isAlive(pid), false);
      const record = await home.json<{ status: string; reason: string; reasonText: string }>(['status', id]);
      assert.deepEqual([record.status, record.reason, record.reasonText], ['killed', 'agent', 'done']);
      assert.match(
        (await mcp.call('poll_events', { since: 0, id, limit: 1000 })).text,
        /stopping → killed \(agent, done\)/,
      );
    });

    it('has the other tools too', async () => {
      const { id } = await mcp.call('start_job', { argv: ['sleep', '600'], lookMs: 0 });
      await home.reaches(id, 'running');
      assert.match((await mcp.call('pause_job', { id })).text, /^Job \w+: paused/);
      assert.match((await mcp.call('resume_job', { id })).text, /^Job \w+: running/);
      await mcp.call('restart_job', { id });
      assert.equal((await home.reaches(id, 'running')).run, 2);
      const terminated = await mcp.call('terminate_run', { runId: `${id}.2`, requeue: false });
      assert.match(terminated.text, new RegExp(`^Run ${id}\\S*\\.2 was terminated .*\\nJob ${id}: held`));
      assert.equal((await home.json<{ status: string }>(['status', id])).status, 'held');
      assert.match((await mcp.call('get_job_status', { id })).text, /^Job \w+: held/);
      assert.match((await mcp.call('get_job_metrics')).text, /^\d+ jobs?, .*\d+ held/);
      assert.match((await mcp.call('cleanup_jobs', { dryRun: true })).text, /would be removed/);
    });

    const record = (id: string) => home.json<Job>(['status', id]);

    it('starts jobs after others, at times and repeatedly, and changes waiting jobs', async () => {
      const { id: first } = await mcp.call('start_job', { argv: ['sleep', '600'], lookMs: 0 });
      const { id } = await mcp.call('start_job', {
        argv: ['true'],
        dependsOn: [{ job: first, condition: 'finished' }],
        ifDependencyFails: 'wait',
        mutex: 'one',
        retry: { maxAttempts: 2, exitCodes: [75] },
        lookMs: 0,
      });
      assert.partialDeepStrictEqual(await record(id), {
        status: 'pending',
        dependsOn: [{ job: (await record(first)).id, condition: 'finished' }],
        options: { mutex: 'one', ifDependencyFails: 'wait', retry: { maxAttempts: 2, exitCodes: [75] } },
      });
      assert.match((await mcp.call('update_job', { id, priority: 8 })).text, /^Priority: 8\.$/m);
      assert.match((await mcp.call('hold_job', { id })).text, /^Job \w+: held/);
      const cron = await mcp.call('start_job', { argv: ['true'], cron: '0 4 1 1 *', timeZone: 'UTC' });
      assert.partialDeepStrictEqual(await record(cron.id), {
        status: 'scheduled',
        options: { cron: '0 4 1 1 *', timeZone: 'UTC' },
      });
      const server = await mcp.call('start_job', { argv: ['sleep', '600'], restart: { policy: 'always' }, lookMs: 0 });
      assert.partialDeepStrictEqual(await record(server.id), {
        options: { restart: { policy: 'always', maxRestarts: 5 } },
      });
      const circle = await mcp.try('update_job', { id, dependsOn: [{ job: id }] });
      assert.match(circle.text, /^invalid_request: dependsOn: .*wait for each other/);
      await mcp.call('kill_job', { id: cron.id });
    });

    it('explains an error in a helpful sentence', async () => {
      const unknown = await mcp.try('kill_job', { id: 'ffffffff' });
      assert.ok(unknown.isError);
      assert.match(unknown.text, /^job_not_found: No job has the id or the name "ffffffff"/);
      assert.match(
        (await mcp.try('start_job', { comand: 'ls' })).text,
        /^invalid_request: unknown field "comand": use command instead$/,
      );
      assert.match((await mcp.try('start_job', { command: 'ls', cwd: '/no/where' })).text, /^cwd_not_found: /);
      for (const id of ['../../x', '', 'a'.repeat(10_000), '\0', 'ü']) {
        assert.ok((await mcp.try('get_job_output', { id })).isError, JSON.stringify(id));
      }
      await assert.rejects(mcp.client.callTool({ name: 'no_such_tool', arguments: {} }), /no_such_tool/);
    });

    it('lets a wait be canceled without an effect on the job', async () => {
      const { id } = await mcp.call('start_job', { argv: ['sleep', '600'], lookMs: 0 });
      const cancelled = new AbortController();
      const input = { name: 'wait_for_job', arguments: { id, timeoutMs: 600_000 } };
      const waiting = mcp.client.callTool(input, { signal: cancelled.signal });
      cancelled.abort();
      await assert.rejects(waiting);
      assert.equal((await home.reaches(id, 'running')).status, 'running');
    });

    it('reports the progress of a long wait if requested', async () => {
      const { id } = await mcp.call('start_job', { argv: ['sleep', '600'], lookMs: 0 });
      const reports: string[] = [];
      const stop = new AbortController();
      const waiting = mcp.client.callTool(
        { name: 'wait_for_job', arguments: { id } },
        { onprogress: ({ message }) => reports.push(message ?? ''), signal: stop.signal },
      );
      waiting.catch(() => undefined);
      await until('a report', () => reports[0]);
      stop.abort();
      assert.match(reports[0] ?? '', /^waiting for exit, \d/);
    });

    it('returns the end of a log as a resource', async () => {
      const job = await home.run(['--', 'seq', '1', '3']);
      await home.ended(job.id);
      const { resources } = await mcp.client.listResources();
      const found = resources.find(({ uri }) => uri.includes(job.id));
      assert.equal(found?.title, 'seq 1 3');
      const { contents } = await mcp.client.readResource({ uri: found?.uri ?? '' });
      assert.deepEqual(contents, [{ uri: found?.uri, mimeType: 'text/plain', text: '1\n2\n3\n' }]);
      await assert.rejects(mcp.client.readResource({ uri: 'bgjobs://jobs/../output' }));
      await assert.rejects(mcp.client.readResource({ uri: 'bgjobs://jobs/ffffffff/output' }), /ffffffff/);
    });

    if (name === 'MCP over HTTP, legacy client') {
      it('does not promise updates of a log between two requests', () => {
        assert.equal(mcp.client.getServerCapabilities()?.resources?.subscribe, false);
      });
      return;
    }
    it('notifies a subscriber of a log about new output', async () => {
      const job = await home.run(['--stdin', 'pipe', '--', 'cat']);
      await home.reaches(job.id, 'running');
      const uri = `bgjobs://jobs/${job.id}/output`;
      const updated: string[] = [];
      mcp.client.setNotificationHandler(
        'notifications/resources/updated',
        ({ params }) => void updated.push(params.uri),
      );
      const subscription =
        era === 'legacy'
          ? await mcp.client.subscribeResource({ uri })
          : await mcp.client.listen({ resourceSubscriptions: [uri] });
      let lines = 0;
      // What is written before the subscription is in force is no news.
      await until('an update', async () => {
        await home.bgjobs(['input', job.id, `line ${++lines}\n`]);
        return updated[0];
      });
      assert.equal(updated[0], uri);
      // News that is held back for a moment is dropped with the subscription.
      await home.bgjobs(['input', job.id, 'one more\n']);
      if ('close' in subscription && typeof subscription.close === 'function') await subscription.close();
      await home.bgjobs(['kill', job.id]);
    });
  });
}

describe('bgjobs mcp', () => {
  const home = useHome();

  it('starts no job host before one is needed, and ends with its client', async () => {
    const mcp = await McpClient.stdio(home, 'modern');
    await mcp.client.listTools();
    assert.equal((await home.json<{ running: boolean }>(['host', 'status'])).running, false);
    await mcp.client.close();
    const running = await home.start(['mcp'], { openInput: true });
    running.child.stdin?.end();
    const { code, stdout, stderr } = await running.ended;
    assert.deepEqual([code, stdout, stderr], [0, '', '']);
  });

  it('uses the session and the folder in which it is started', async () => {
    await using mcp = await McpClient.stdio(home, 'modern');
    const { id } = await mcp.call('start_job', { command: 'pwd', lookMs: 30_000 });
    const { session, cwd } = await home.json<Job>(['status', id]);
    assert.deepEqual([session, cwd], [basename(home.path), home.path]);
  });

  it('continues with the next job host when one stops', async () => {
    await using mcp = await McpClient.stdio(home, 'modern');
    const { id } = await mcp.call('start_job', { argv: ['sleep', '600'], lookMs: 0 });
    const { pid } = await home.json<{ pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
    await until('the host is gone', () => !isAlive(pid) || undefined);
    assert.match((await mcp.call('get_job_status', { id })).text, /: running/);
  });
});
