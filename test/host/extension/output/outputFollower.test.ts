import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChannelText } from '../../../../src/extension/output/channelText.ts';
import { OutputFollower } from '../../../../src/extension/output/outputFollower.ts';
import type { JobService } from '../../../../src/api/endpoints.ts';
import type { Job } from '../../../../src/api/job.ts';
import { bytes } from '../../../../src/text/grammar.ts';
import { useInProcessHost } from '../../../helpers/inProcessHost.ts';
import { until } from '../../../helpers/until.ts';
import { english } from '../../../unit/extension/jobs.ts';

describe('OutputFollower', () => {
  const host = useInProcessHost();
  let appended: string[];
  let isGone: boolean;
  let service: JobService | null;
  let follower: OutputFollower | undefined;
  let following: Promise<void>;

  beforeEach(() => {
    appended = [];
    isGone = false;
    service = host.client;
    following = Promise.resolve();
  });

  afterEach(async () => {
    follower?.dispose();
    await following;
  });

  async function start(command: string): Promise<Job> {
    const { job } = await host.client.startJob({ command, cwd: host.home });
    return job;
  }

  function follow(job: Job): OutputFollower {
    follower = new OutputFollower({
      jobId: job.id,
      service: () => service,
      text: new ChannelText(english),
      pace: { appendBytes: 65_536, mostBehind: 1_048_576 },
      append: (text) => appended.push(text),
      gone: () => (isGone = true),
    });
    following = follower.follow();
    return follower;
  }

  /** Without the command. */
  const text = (): string => appended.join('').replace(/^\$ [^]*?, started .*\n/, '');
  const untilShown = (pattern: RegExp): Promise<true> =>
    until(`${pattern}`, () => (pattern.test(text()) ? true : undefined));

  it('shows what was written before and what comes, and at last the end', async () => {
    const job = await start('echo one; until test -e go; do sleep 0.05; done; echo two; exit 3');
    await host.client.waitForJob(job.id, { for: '/one/' });
    follow(job);
    await untilShown(/one\n/);
    await host.client.startJob({ command: 'touch go', cwd: host.home });
    await untilShown(/^one\ntwo\n\[failed \(exit code 3\) after [\d.]+m?s\]\n$/);
  });

  it('shows a prompt before its line ends', async () => {
    follow(await start('printf "Password: "; sleep 600'));
    await untilShown(/^Password: $/);
  });

  it('shows bars that are redrawn as one line each, in their last state', async () => {
    const frame = String.raw`printf '\r\033[Kone %s\n\r\033[Ktwo %s\033[A' $n $n; sleep 0.02`;
    follow(await start(`for n in $(seq 1 30); do ${frame}; done; printf '\\n\\n'; sleep 600`));
    await untilShown(/two 30\n$/);
    assert.equal(text(), 'one 30\ntwo 30\n');
  });

  it('continues with the next run under its own heading', async () => {
    const job = await start('echo run; exit 0');
    const shown = follow(job);
    await untilShown(/\[completed after .*\]\n$/);
    await host.client.restartJob(job.id);
    shown.wake();
    await untilShown(/^run\n\[completed after .*\]\n\[run 2, .*: echo run; exit 0\]\nrun\n\[completed after .*\]\n$/);
  });

  it('begins a large log near its end, and says how much is before', async () => {
    const job = await start('seq 1 400000');
    await host.client.waitForJob(job.id);
    follow(job);
    await untilShown(/\[completed/);
    const { logs } = (await host.client.getJob(job.id)).runs[0]!;
    const [first = '', ...lines] = text().split('\n');
    assert.match(first, /^\[1\.6 MiB not shown\. /);
    assert.ok(readFileSync(logs.stdout, 'utf8').endsWith(`\n${lines.slice(0, -2).join('\n')}\n`));
  });

  it('prints a flood of output in small pieces', async () => {
    const job = await start('yes "flood of output" | head -c 60000000');
    follow(job);
    await untilShown(/\[completed/);
    assert.ok(Math.max(...appended.map((piece) => piece.length)) <= 65_536 + 2000);
    assert.ok(text().length < 20_000_000, `${text().length} characters of 60 million`);
    assert.match(text(), /\[[\d.]+ MiB not shown\. .*\]\nflood of output\n/);
  });

  it('reads nothing while it is hidden, and catches up when it is shown again', async () => {
    const job = await start('echo one; until test -e go2; do sleep 0.05; done; echo two');
    const shown = follow(job);
    await untilShown(/one\n/);
    shown.setVisible(false);
    await host.client.startJob({ command: 'touch go2', cwd: host.home });
    await host.client.waitForJob(job.id);
    assert.equal(text(), 'one\n');
    shown.setVisible(true);
    await untilShown(/^one\ntwo\n\[completed after .*\]\n$/);
  });

  it('says what the log limit has dropped before', async () => {
    const { job } = await host.client.startJob({ command: 'seq 1 100000', cwd: host.home, maxLogBytes: 65_536 });
    await host.client.waitForJob(job.id);
    const { logs, droppedBytes } = await until('nothing more is to be dropped', async () => {
      const run = await host.client.getRun(`${job.id}.1`);
      return run.stdoutBytes - run.droppedBytes < 90_000 ? run : undefined;
    });
    follow(job);
    await untilShown(/\[completed/);
    const [first = '', ...lines] = text().split('\n');
    assert.equal(first, `[${bytes(droppedBytes)} dropped by the job's log limit]`);
    const kept = readFileSync(logs.stdout).subarray(droppedBytes).toString();
    assert.equal(`${lines.slice(0, -2).join('\n')}\n`, kept);
  });

  it('reads a run with one request, however often it writes', async () => {
    const asked: string[] = [];
    service = new Proxy(host.client, {
      get(client, name: keyof JobService) {
        asked.push(name);
        return client[name].bind(client);
      },
    });
    const job = await start('for n in 1 2 3 4 5 6 7 8; do echo $n; sleep 0.1; done');
    follow(job);
    await untilShown(/^1\n2\n3\n4\n5\n6\n7\n8\n\[completed/);
    const reads = asked.filter((name) => name !== 'getJob');
    assert.deepEqual(reads, ['followOutput']);
  });

  it('continues when the host is back', async () => {
    const job = await start('echo one; sleep 600');
    service = null;
    const shown = follow(job);
    service = host.client;
    shown.wake();
    await untilShown(/one\n/);
  });

  it('says that the job was removed', async () => {
    const job = await start('true');
    await host.client.waitForJob(job.id);
    await host.client.removeJob(job.id);
    follow(job);
    await until('it is gone', () => isGone || undefined);
    await following;
  });
});
