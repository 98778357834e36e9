import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import type { Hook } from '../../src/api/hooks.ts';
import type { JobEvent } from '../../src/api/events.ts';
import type { HostStatus } from '../../src/client/hostControl.ts';
import type { Message } from '../../src/deliveries/message.ts';
import { useHome } from '../helpers/cli.ts';
import { Receiver } from '../helpers/receiver.ts';
import { until } from '../helpers/until.ts';

const signingKey = `whsec_${Buffer.from('a key of the tests').toString('base64')}`;

describe('hooks', () => {
  const home = useHome({ HOOK_KEY: signingKey, HOOK_TOKEN: 'the token' });
  const sh = (script: string, ...options: string[]) => home.run([...options, '--', 'sh', '-c', script]);
  const linesOf = (path: string): Message[] =>
    existsSync(path)
      ? readFileSync(path, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Message)
      : [];
  const add = (...args: string[]) => home.json<Hook>(['hook', 'add', ...args]);
  /** So many texts of events that say what became of messages about the job. */
  async function notices(job: string, count: number): Promise<(string | null)[]> {
    const events = await home.start(['events', '--json', '--job', job, '--since', '0']);
    const found = await until('it is recorded what became of the message', () => {
      const lines = events.stdout().split('\n').slice(0, -1);
      const texts = lines.map((line) => JSON.parse(line) as JobEvent).filter(({ type }) => type === 'notified');
      return texts.length >= count ? texts.map((event) => event.text) : undefined;
    });
    events.child.kill('SIGTERM');
    await events.ended;
    return found;
  }
  const firstOf = (path: string) => until('the message is there', () => linesOf(path)[0]);

  afterEach(async () => {
    for (const { name } of await home.json<Hook[]>(['hook', 'list']))
      assert.equal((await home.bgjobs(['hook', 'remove', name])).code, 0);
  });

  it('run a program, with the message on its input and in variables', async () => {
    const got = join(home.path, 'got');
    const said = join(home.path, 'said');
    const script = `cat >"${got}.new"; printf '%s|%s|%s' "$BGJOBS_EVENT" "$BGJOBS_JOB_STATUS" "$BGJOBS_JOB_EXIT_CODE" >"${said}"; mv "${got}.new" "${got}"`;
    await add('program', '--on', 'failed', '--', 'sh', '-c', script);
    const job = await sh('exit 3', '--name', "it's <odd>");
    const message = await firstOf(got);
    assert.deepEqual([message.hook, message.event, message.job?.id], ['program', 'failed', job.id]);
    assert.match(message.text, /^it's <odd> failed \(exit code 3\) after /);
    assert.equal(readFileSync(said, 'utf8'), 'failed|failed|3');
    assert.deepEqual(await notices(job.id, 1), ['program: failed delivered']);
  });

  it('tell what happens, and only of the jobs that are meant', async () => {
    const path = join(home.path, 'lines');
    await add('all', '--on', 'started,ready,ended,failed', '--session', 'chosen', '--tag', 'kind=x', '--file', path);
    await sh('true');
    await sh('true', '--session', 'chosen');
    await sh('true', '--session', 'chosen', '--tag', 'kind=y');
    const good = await sh('echo up; sleep 0.1', '--session', 'chosen', '--tag', 'kind=x', '--ready-when', '/up/');
    await home.ended(good.id);
    const bad = await sh('exit 1', '--session', 'chosen', '--tag', 'kind=x', '--retry', '1', '--retry-delay', '0s');
    await home.ended(bad.id);
    const told = await until('all are told', () => (linesOf(path).length >= 6 ? linesOf(path) : undefined));
    assert.deepEqual(
      told.map(({ event, job }) => [event, job?.id === good.id ? 'good' : 'bad']),
      [
        ...[['started', 'good'], ['ready', 'good'], ['ended', 'good']], // prettier-ignore
        ...[['started', 'bad'], ['started', 'bad'], ['failed', 'bad']], // prettier-ignore
      ],
    );
    assert.equal(new Set(told.map(({ id }) => id)).size, 6);
  });

  it('tell of jobs that ask for it, and refuse names that are not there', async () => {
    const path = join(home.path, 'asked');
    await add('asked', '--on', 'ended', '--on-request', '--file', path);
    await home.ended((await sh('true')).id);
    const job = await sh('true', '--notify', 'asked');
    assert.equal((await firstOf(path)).job?.id, job.id);
    const error = await home.error(3, ['run', '--notify', 'askd', '--', 'true']);
    assert.equal(error.message, 'There is no hook "askd". The hooks are: asked.');
    assert.equal((await home.error(3, ['hook', 'test', 'none'])).code, 'hook_not_found');
  });

  it('tell when a line of the output matches for the first time in a run', async () => {
    const path = join(home.path, 'matched');
    await add('matched', '--on', 'matched', '--pattern', '/out of (memory|disk)/i', '--file', path);
    const job = await sh('echo fine; echo Out of disk; echo out of memory; sleep 600');
    const message = await firstOf(path);
    assert.deepEqual([message.event, message.match], ['matched', 'Out of disk']);
    // Another host does not tell it again.
    await home.bgjobs(['host', 'stop']);
    await home.bgjobs(['kill', job.id]);
    const next = await sh('echo out of disk', '--name', 'next');
    await until('the next is told', () => linesOf(path).find((line) => line.job?.id === next.id));
    assert.equal(linesOf(path).length, 2);
  });

  it('sign requests as Standard Webhooks describes it, checked by its own library', async () => {
    await using receiver = await Receiver.open();
    const target = ['--webhook', receiver.url, '--sign-with', 'HOOK_KEY', '--token', 'HOOK_TOKEN'];
    await add('signed', '--on', 'ended', ...target);
    const job = await sh('true');
    const { headers, body } = await until('the request is there', () => receiver.received[0]);
    const verified = new Webhook(signingKey).verify(body, headers as Record<string, string>) as Message;
    assert.equal(verified.job?.id, job.id);
    assert.equal(headers.authorization, 'Bearer the token');
    const stored = JSON.stringify(await home.json(['hook', 'list']));
    assert.ok(!stored.includes(signingKey) && !stored.includes('the token'));
  });

  it('speak to ntfy, Slack, Discord and Teams in their words', async () => {
    await using receiver = await Receiver.open();
    for (const format of ['ntfy', 'slack', 'discord', 'teams']) {
      await add(format, '--on', 'failed', '--webhook', receiver.url, '--format', format);
      assert.equal((await home.bgjobs(['hook', 'test', format])).stdout, 'The message was delivered.\n');
    }
    const [ntfy, slack, discord, teams] = receiver.received;
    assert.equal(ntfy?.body, 'The hook "ntfy" works.');
    assert.equal(ntfy?.headers['title'], `=?UTF-8?B?${btoa('Background Jobs')}?=`);
    assert.deepEqual(JSON.parse(slack?.body ?? ''), { text: 'The hook "slack" works.' });
    const content = 'The hook "discord" works.';
    assert.deepEqual(JSON.parse(discord?.body ?? ''), { content, allowed_mentions: { parse: [] } });
    const { attachments } = JSON.parse(teams?.body ?? '') as { attachments: { content: { type: string } }[] };
    assert.equal(attachments[0]?.content.type, 'AdaptiveCard');
  });

  it('are told once what happened before the host was killed, when the receiver is back', async () => {
    await using receiver = await Receiver.open();
    receiver.status = 503;
    await add('late', '--on', 'failed', '--webhook', receiver.url);
    const job = await sh('exit 1');
    await until('an attempt has failed', () => receiver.refused || undefined);
    const { pid } = await home.json<HostStatus & { pid: number }>(['host', 'status']);
    process.kill(pid, 'SIGKILL');
    receiver.status = 204;
    await home.json(['list']);
    const { body } = await until('the next host delivers', () => receiver.received[0]);
    assert.equal((JSON.parse(body) as Message).job?.id, job.id);
    const after = await sh('exit 1');
    await until('the next one is there', () => receiver.received.find((one) => one.body.includes(after.id)));
    assert.equal(receiver.received.length, 2);
  });

  it('say in an event why something was not delivered, and do not try in vain', async () => {
    await using receiver = await Receiver.open();
    receiver.status = 410;
    await add('gone', '--on', 'failed', '--webhook', receiver.url);
    await add('missing', '--on', 'failed', '--', '/none/program');
    const job = await sh('exit 1');
    assert.deepEqual((await notices(job.id, 2)).sort(), [
      'gone: failed not delivered: the server answered 410',
      'missing: failed not delivered: the program /none/program was not found',
    ]);
    const tested = await home.bgjobs(['hook', 'test', 'gone']);
    assert.deepEqual([tested.code, tested.stdout], [1, 'The message was not delivered: the server answered 410\n']);
    assert.equal(receiver.refused, 2);
  });

  it('send e-mail by SMTP', async () => {
    const mails: string[] = [];
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      logger: false,
      onData: (stream, _session, done) => void text(stream).then((mail) => (mails.push(mail), done())),
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.server.address() as AddressInfo;
      const addresses = ['--email', 'to@example.test', '--from', 'from@example.test'];
      await add('mail', '--on', 'ended', ...addresses, '--smtp', `smtp+plain://127.0.0.1:${port}`);
      const job = await sh('true', '--name', 'release');
      const mail = await until('the mail is there', () => mails[0]);
      assert.match(mail, /^Subject: release completed after /m);
      assert.ok(mail.includes(`Job: ${job.id}`));
      // Where encryption is asked for and not offered, nothing is sent.
      await add('secure', '--on', 'failed', ...addresses, '--smtp', `smtp://127.0.0.1:${port}`);
      assert.equal((await home.bgjobs(['hook', 'test', 'secure'])).code, 1);
      assert.equal(mails.length, 1);
    } finally {
      await new Promise<void>((resolve) => server.close(resolve));
    }
  });

  it('are not told of the jobs that they start', async () => {
    const starts = join(home.path, 'starts');
    const command = `echo . >>"${starts}"; "$BGJOBS" run -- sh -c 'exit 1'`;
    const { bundledCli } = await import('../helpers/bundle.ts');
    const cli = join(home.path, 'bgjobs');
    writeFileSync(cli, `#!/bin/sh\nexec "${process.execPath}" "${await bundledCli()}" "$@"\n`);
    chmodSync(cli, 0o755);
    await add('loop', '--on', 'failed', '--', 'env', `BGJOBS=${cli}`, 'sh', '-c', command);
    await sh('exit 1');
    const { jobs } = await until('the hook has started a job, which has failed', async () => {
      const list = await home.json<{ jobs: { tags: object; status: string }[] }>(['list', '--tag', 'hook=loop']);
      return list.jobs[0]?.status === 'failed' ? list : undefined;
    });
    const last = await sh('exit 1', '--name', 'last');
    await notices(last.id, 1);
    assert.equal(jobs.length, 1);
    assert.equal(readFileSync(starts, 'utf8'), '.\n.\n');
  });
});

describe('a hook for the desktop', () => {
  const folder = () => join(home.path, 'programs');
  const home = useHome();

  it('calls the program of the system', async function () {
    if (process.platform !== 'linux') this.skip();
    mkdirSync(folder(), { recursive: true });
    const program = join(folder(), 'notify-send');
    const shown = join(home.path, 'shown');
    writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" >"${shown}.new"; mv "${shown}.new" "${shown}"\n`);
    chmodSync(program, 0o755);
    const env = { PATH: `${folder()}${delimiter}${process.env['PATH'] ?? ''}` };
    await home.json(['hook', 'add', 'desk', '--on', 'ended', '--desktop'], { env });
    await home.run(['--name', 'a <b> & c', '--', 'true']);
    const text = await until('it is shown', () => (existsSync(shown) ? readFileSync(shown, 'utf8') : undefined));
    assert.match(text, /^--app-name=Background Jobs\n/);
    assert.match(text, /a &lt;b> &amp; c completed after /);
  });
});
