import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { top } from '../../scripts/editor/places.ts';
import { isAlive } from '../../scripts/editor/processes.ts';
import type { ApiClient } from '../../src/client/apiClient.ts';
import { Chat, type Conversation } from '../helpers/chat.ts';
import { useEditor } from '../helpers/editor.ts';
import type { OfferedTool } from '../helpers/scriptedModel/exchange.ts';
import { useScriptedModel } from '../helpers/scriptedModel/scriptedModel.ts';
import { storeOf } from '../helpers/store.ts';
import { until } from '../helpers/until.ts';
import { packageExtension } from '../helpers/vsix.ts';

/** VS Code's own agent with the packaged extension, and with a model whose answers are given here. */
describe('the chat agent', () => {
  const packages: string[] = [];
  before(async () => packages.push(await packageExtension()));
  const model = useScriptedModel();
  const editor = useEditor({
    packages,
    extensions: model.extensions,
    env: model.env,
    settings: { 'backgroundJobs.agents.allow': ['printf'], 'backgroundJobs.agents.deny': ['shutdown'] },
  });
  let chat: Chat;
  let store: ApiClient;
  before(async () => {
    store = storeOf(editor);
    chat = new Chat(editor.workbench, model);
    await chat.open();
  });
  after(() => store.dispose());

  /** Calls a tool that asks before, and allows it. */
  async function allowed(conversation: Conversation, name: string, input: object): Promise<string> {
    const called = conversation.callTool(name, input);
    await chat.question();
    await chat.allowOnce();
    return called;
  }

  it('is offered the eight tools, as the manifest has them', async () => {
    const conversation = await chat.ask('What can you do?');
    const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
      contributes: { languageModelTools: { name: string; modelDescription: string; inputSchema: object }[] };
    };
    const declared = manifest.contributes.languageModelTools.map(
      ({ name, modelDescription, inputSchema }): OfferedTool => ({ name, description: modelDescription, inputSchema }),
    );
    assert.equal(declared.length, 8);
    const offered = new Map(conversation.tools.map((tool) => [tool.name, tool]));
    assert.deepEqual(
      declared.map(({ name }) => offered.get(name)),
      declared,
    );
    await conversation.end('Start jobs.');
  });

  it('starts a job when the person has seen the command and allowed it', async () => {
    const conversation = await chat.ask('Please start the server.');
    const command =
      'echo listening on port 8080; ' +
      'curl_url=https://example.com/a/very/long/address/without/any/space/in/it/that/goes/on/and/on; exec sleep 600';
    const called = conversation.callTool('bgjobs_start_job', { command, name: 'server' });
    const question = await chat.question();
    await editor.workbench.screenshot('chat-start');
    assert.match(question, /^Start this background job\?/);
    for (const part of [command, editor.workspace, 'Session: workspace']) assert.ok(question.includes(part), question);
    assert.equal(await chat.isCutOff(), false);
    assert.deepEqual((await store.listJobs()).jobs, []);

    await chat.allowOnce();
    const started = await called;
    const [job] = (await store.listJobs()).jobs;
    assert.ok(job?.pid);
    assert.equal(job.reason, null);
    assert.match(started, new RegExp(`^Job ${job.shortId} \\(server\\): running`));
    assert.match(started, /^listening on port 8080$/m);
    assert.ok(isAlive(job.pid));

    const waited = await conversation.callTool('bgjobs_wait_for_job', { id: job.shortId, for: '/port \\d+/' });
    assert.match(waited, /matched .*listening on port 8080/);
    const output = await conversation.callTool('bgjobs_get_job_output', { id: job.shortId });
    assert.match(output, /^listening on port 8080$/m);
    await conversation.end('It listens.');
    await editor.workbench.screenshot('chat-started');
  });

  it('leaves a job alone when the person stops the agent that waits for it', async () => {
    const [job] = (await store.listJobs({ status: 'running' })).jobs;
    assert.ok(job?.pid);
    const conversation = await chat.ask('Please wait for the server.');
    conversation.startTool('bgjobs_wait_for_job', { id: job.shortId });
    await until('the wait', async () => /Wait for background job/.test(await chat.response()) || undefined);
    await chat.stop();
    assert.equal((await store.getJob(job.id)).status, 'running');
    assert.ok(isAlive(job.pid));
  });

  it('kills a job, process and all, only when the person allows it', async () => {
    const [job] = (await store.listJobs({ status: 'running' })).jobs;
    const pid = job?.pid;
    assert.ok(pid);
    const conversation = await chat.ask('Please stop the server.');
    const skipped = conversation.callTool('bgjobs_kill_job', { id: job.shortId });
    const question = await chat.question();
    await editor.workbench.screenshot('chat-kill');
    assert.match(question, /^Stop this background job\?/);
    for (const part of [job.command, job.shortId, 'server']) assert.ok(part && question.includes(part), question);
    await chat.skip();
    assert.match(await skipped, /user chose to skip/);
    assert.ok(isAlive(pid));

    const killed = await allowed(conversation, 'bgjobs_kill_job', { id: job.shortId });
    assert.match(
      killed,
      new RegExp(`^killed: job ${job.shortId} stopped with SIGTERM in .*\\nIts whole process tree is dead\\.`),
    );
    assert.ok(!isAlive(pid));
    const after = await store.getJob(job.id);
    assert.deepEqual([after.status, after.reason, after.signal], ['killed', 'agent', 'SIGTERM']);
    await conversation.end('It is stopped.');
    await editor.workbench.screenshot('chat-killed');
  });

  it('answers a prompt, with what is sent in the question', async () => {
    const conversation = await chat.ask('Please greet Ann.');
    const command = 'echo "Name?"; read name; echo "Hello, $name."';
    const started = await allowed(conversation, 'bgjobs_start_job', { command, stdin: 'pipe' });
    assert.match(started, /^Name\?$/m);
    const [job] = (await store.listJobs({ status: 'running' })).jobs;
    const called = conversation.callTool('bgjobs_send_job_input', { id: job?.shortId, text: 'Ann', key: 'enter' });
    assert.match(await chat.question(), /^Send this input to a background job\?\s+"Ann", enter/);
    await editor.workbench.screenshot('chat-input');
    await chat.allowOnce();
    assert.match(await called, /^Hello, Ann\.$/m);
    await conversation.end('Greeted.');
    assert.equal((await store.waitForJob(job?.id ?? '')).job.exitCode, 0);
  });

  it('tells the model what is wrong, in a sentence that it can act on', async () => {
    const conversation = await chat.ask('Please do the impossible.');
    const unknown = await conversation.callTool('bgjobs_get_job_output', { id: 'deadbeef' });
    assert.match(unknown, /No job has the id or the name "deadbeef"\.[^]*server/);
    const [job] = (await store.listJobs()).jobs;
    const signal = await conversation.callTool('bgjobs_kill_job', { id: job?.shortId, signal: 'STOPP' });
    assert.match(signal, /Unknown signal "STOPP"\. Use one of SIGINT/);
    const both = await conversation.callTool('bgjobs_start_job', { command: 'true', argv: ['true'] });
    assert.match(both, /command .* or argv/);
    const folder = await allowed(conversation, 'bgjobs_start_job', { command: 'true', cwd: 'nowhere' });
    assert.match(folder, /cwd_not_found: .*\/workspace\/nowhere does not exist/);
    await conversation.end('It is impossible.');
  });

  it('asks nothing before it only looks', async () => {
    const conversation = await chat.ask('What has been done?');
    const list = await conversation.callTool('bgjobs_list_jobs', {});
    assert.match(list, /"server" stopped/);
    const cleaned = await conversation.callTool('bgjobs_cleanup_jobs', { dryRun: true });
    assert.match(cleaned, /2 /);
    await conversation.end('Two jobs.');
    await until('the response', async () => /Two jobs/.test(await chat.response()) || undefined);
  });

  it('starts without a question what the user has allowed, and nothing else of it', async () => {
    const conversation = await chat.ask('Please print.');
    const command = 'printf "%s\\n" allowed';
    assert.match(await conversation.callTool('bgjobs_start_job', { command }), /^allowed$/m);
    const called = conversation.callTool('bgjobs_start_job', { command, env: { LD_PRELOAD: '/x.so' } });
    assert.match(await chat.question(), /LD_PRELOAD=\/x\.so/);
    await editor.workbench.screenshot('chat-environment');
    await chat.skip();
    assert.match(await called, /user chose to skip/);
    await conversation.end('Printed.');
  });

  it('never starts what the user has denied, and tells the model why', async () => {
    const before = (await store.listJobs()).total;
    const conversation = await chat.ask('Please shut down.');
    const denied = await conversation.callTool('bgjobs_start_job', { command: 'sync && shutdown now' });
    assert.match(denied, /policy_denied: .*"shutdown now".*pattern "shutdown"/);
    assert.equal((await store.listJobs()).total, before);
    await conversation.end('I may not.');
  });

  it('is told of an end when the person passes it on', async () => {
    const conversation = await chat.ask('Please try it for a while.');
    const command = 'until test -e go; do sleep 0.1; done; exit 3';
    await allowed(conversation, 'bgjobs_start_job', { command, name: 'trial', lookMs: 0 });
    await conversation.end('It is running.');
    writeFileSync(join(editor.workspace, 'go'), '');
    const { notifications } = editor.workbench;
    assert.equal((await notifications.waitFor('"trial" failed')).buttons[0], 'Send to Chat');
    await editor.workbench.screenshot('chat-notification');
    await notifications.click('"trial" failed', 'Send to Chat');
    const next = await chat.addressed();
    assert.match(
      next.prompt,
      /"trial" failed \(exit code 3\) after .* \(background job \w{8}\).*'bgjobs_get_job_output'/,
    );
    await next.end('I have seen it.');
    await editor.workbench.screenshot('chat-told');
  });

  it('is asked to fix a failed job, with the first errors and the end of its output', async () => {
    const script = 'echo "src/a.ts(3,1): error TS2304: nothing"; for n in $(seq 200); do echo "line $n"; done; exit 2';
    const { job } = await store.startJob({
      command: script,
      cwd: editor.workspace,
      session: 'workspace',
      name: 'build',
    });
    await store.waitForJob(job.id, { for: 'exit' });
    const { workbench } = editor;
    await workbench.runCommand('Background Jobs: Fix Failure with Chat');
    await workbench.quickInput.waitFor('Select a failed job');
    await workbench.quickInput.pick(/build/);
    const conversation = await chat.addressed();
    assert.match(conversation.prompt, /The background job "build" failed\. Find out why and fix it\./);
    assert.match(conversation.prompt, /Result: Failed \(exit code 2\) after/);
    assert.match(
      conversation.prompt,
      /First errors in its output:\n```\nsrc\/a\.ts\(3,1\): error TS2304: nothing\n```/,
    );
    assert.match(conversation.prompt, /End of its output:\n```\nline 141\n[^]*line 200\n```/);
    await conversation.end('I see.');
    await workbench.screenshot('chat-fix');
  });
});
