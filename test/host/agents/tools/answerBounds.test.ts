import assert from 'node:assert/strict';
import { useTools } from '../../../helpers/tools.ts';

describe('the answers of the tools', () => {
  const { server, call, refusal, start } = useTools();

  it('never answer with more than the asked characters, as JSON counts them, and keep the state and what is next', async () => {
    const command = `node -e 'for (let i = 0; i < 9000; i++) console.log(i, String.fromCharCode(34, 92, 9))'`;
    const { job, text: started } = await start({ command, name: 'n'.repeat(200), lookMs: 30_000 });
    const isWhole = (text: string, maxChars: number): void => {
      assert.ok(JSON.stringify(text).length <= maxChars, String(JSON.stringify(text).length));
      assert.match(
        text,
        /^Job \w+ \(n+…\): completed[^]*\n8999 "\\\t\n--- end of output[^]*(Next: x_get_job_output|of its output)/,
      );
    };
    isWhole(started, 7500);
    isWhole((await call('wait_for_job', { id: job.id })).text, 7500);
    for (const maxChars of [100, 2000, 7500, 60_000]) {
      isWhole((await call('get_job_output', { id: job.id, tail: 100_000, maxChars })).text, Math.max(1000, maxChars));
    }
    isWhole((await call('get_job_output', { id: job.id, tail: 100_000 }, { maxChars: 2000 })).text, 2000);
    isWhole((await call('get_job_output', { id: job.id, job_id: job.id, maxChars: 1 })).text, 1000);
    const { text } = await call('get_job_output', { jobId: job.id, since: 0 });
    assert.ok(JSON.stringify(text).length <= 7500);
    assert.match(text, /---\n0 [^]*\nMore output is available: call x_get_job_output with run 1, since \d+\./);
  });

  it('list 20 jobs in 4000 characters, and as many as there is room for', async () => {
    const name = 'a name that goes on and on, "quoted"';
    const command = `: '${'x'.repeat(300)}'`;
    for (let count = 0; count < 45; count++) {
      await server.client.startJob({ command, name, session: 'some other session', held: true, cwd: server.home });
    }
    const { text } = await call('list_jobs', {});
    assert.ok(JSON.stringify(text).length <= 4000, String(JSON.stringify(text).length));
    assert.equal(text.match(/ held: /g)?.length, 20);
    const shown: string[] = [];
    for (let cursor: string | undefined, all = { limit: 200 }; ;) {
      const page = (await call('list_jobs', { ...all, ...(cursor !== undefined && { cursor }) })).text;
      assert.ok(JSON.stringify(page).length <= 7500);
      shown.push(...(page.match(/^\w{8}(?= ")/gm) ?? []));
      cursor = /x_list_jobs with cursor "(.+)"/.exec(page)?.[1];
      if (cursor === undefined) break;
    }
    assert.equal(new Set(shown).size, 45);
  });

  it('name the field that is meant, or the valid ones, when they are given an unknown one', async () => {
    assert.match(
      await refusal('start_job', { xyzzy: 1 }),
      /^invalid_request: unknown field "xyzzy": known are command, argv/,
    );
    for (const [name, input, meant] of [
      ['start_job', { cmd: 'ls' }, 'command'],
      ['start_job', { command: 'ls', workdir: '/' }, 'cwd'],
      ['start_job', { command: 'ls', timeout: 5 }, 'timeoutMs'],
      ['start_job', { command: 'ls', depends_on: [] }, 'dependsOn'],
      ['get_job_output', { id: 'x', lines: 5 }, 'tail'],
      ['get_job_output', { id: 'x', pattern: 'y' }, 'grep'],
      ['wait_for_job', { id: 'x', pattern: 'y' }, 'for'],
      ['kill_job', { job: 'x' }, 'id'],
    ] as const) {
      const [field = ''] = Object.keys(input).slice(-1);
      assert.equal(await refusal(name, input), `invalid_request: unknown field "${field}": use ${meant} instead`);
    }
    assert.match(
      await refusal('start_job', { comand: 'ls' }),
      /^invalid_request: unknown field "comand": use command instead$/,
    );
    assert.match(await refusal('start_job', {}), /^invalid_request: Give either command/);
    assert.match(await refusal('kill_job', {}), /^invalid_request: id: /);
    assert.match(await refusal('start_job', { command: 'cat', stdin: 'pipe', stdinText: 'x' }), /not both/);
  });

  it('keep the tail when they leave something out, and say how much', async () => {
    const { job } = await start({ command: 'seq 1 5000', lookMs: 30_000 });
    const { text } = await call('get_job_output', { id: job.shortId, tail: 1000, maxChars: 1000 });
    assert.ok(text.length <= 1000);
    assert.match(text, /\[… \d+ earlier characters omitted …\]\n(\d{4}\n)+5000\n--- end/);
    assert.match(text, /Full log: \S+stdout\.log/);
  });
});
