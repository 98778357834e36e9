import assert from 'node:assert/strict';
import { BgJobsError } from '../../../../src/api/errors.ts';
import type { StartRequest } from '../../../../src/api/options.ts';
import { runFake } from '../fakeContext.ts';

describe('bgjobs as a whole', () => {
  const verbs = [
    ...['run', 'list', 'status', 'output', 'wait', 'kill', 'pause', 'resume', 'restart', 'release', 'input', 'remove'],
    ...['cleanup', 'metrics', 'inspect', 'events', 'host'],
    ...['queue', 'hold', 'move', 'update', 'limits'],
  ];

  it('shows all verbs in its help', async () => {
    const { code, stdout, stderr } = await runFake(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    for (const verb of verbs) assert.match(stdout, new RegExp(`^ {2}${verb}\\b`, 'm'));
  });

  for (const verb of verbs) {
    it(`explains ${verb} with its options`, async () => {
      const { code, stdout } = await runFake([verb, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^Usage: bgjobs ${verb}`));
      if (verb !== 'host') assert.match(stdout, /--json/);
      assert.deepEqual(
        stdout.split('\n').filter((line) => line.length > 120),
        [],
      );
    });
  }

  it('prints its version', async () => {
    assert.equal((await runFake(['--version'])).stdout, '1.2.3\n');
  });

  it('shows its help on stderr when no verb is given', async () => {
    const { code, stdout, stderr } = await runFake([]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^Usage: bgjobs/);
  });

  it('suggests similar verbs and options', async () => {
    const verb = await runFake(['lsit']);
    assert.equal(verb.code, 2);
    assert.match(verb.stderr, /^bgjobs: unknown command 'lsit'\n\(Did you mean .*list/);
    assert.match((await runFake(['list', '--sesion', 'a'])).stderr, /Did you mean --session/);
  });

  it('refuses more arguments than a verb takes', async () => {
    assert.equal((await runFake(['status', 'a', 'b'])).code, 2);
    assert.equal((await runFake(['status'])).code, 2);
  });

  it('prints errors of usage as a document with --json', async () => {
    const { code, stdout, stderr } = await runFake(['list', '--json', '--limit', 'few']);
    assert.deepEqual([code, stderr], [2, '']);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    assert.equal(error.code, 'invalid_request');
    assert.match(error.message, /whole number/);
  });

  it('prints errors of the host as a document with --json, as a sentence without', async () => {
    const fail = () => Promise.reject(new BgJobsError('job_not_found', 'No job 1a2b.', { id: '1a2b' }));
    const json = await runFake(['status', '1a2b', '--json'], { getJob: fail });
    assert.deepEqual(JSON.parse(json.stdout), {
      error: { code: 'job_not_found', message: 'No job 1a2b.', details: { id: '1a2b' }, retryable: false },
    });
    assert.deepEqual([json.code, json.stderr], [3, '']);
    const text = await runFake(['status', '1a2b'], { getJob: fail });
    assert.deepEqual([text.code, text.stdout, text.stderr], [3, '', 'bgjobs: No job 1a2b.\n']);
  });

  it('names the ids that exist, or that were meant', async () => {
    const jobs = [{ shortId: '1a2b3c4d', name: 'the\nbuild', status: 'running' }];
    const unknown = () => Promise.reject(new BgJobsError('job_not_found', 'No job x.', { id: 'x', jobs }));
    const { stderr } = await runFake(['status', 'x'], { getJob: unknown });
    assert.equal(stderr, 'bgjobs: No job x.\nThe newest jobs:\n  1a2b3c4d running the\\nbuild\n');
    const ids = ['1a2b3c4d-0', '1a2b3c4d-1'];
    const several = () => Promise.reject(new BgJobsError('invalid_request', 'Several.', { ids }));
    assert.match((await runFake(['status', '1'], { getJob: several })).stderr, /1a2b3c4d-0\n.*1a2b3c4d-1\n/);
  });

  it('tells a bug from a failure that was expected', async () => {
    const { code, stderr } = await runFake(['metrics'], { getMetrics: () => Promise.reject(new TypeError('oops')) });
    assert.equal(code, 1);
    assert.match(stderr, /TypeError: oops\n +at /);
  });

  it('never treats the --json of a job as its own', async () => {
    const requests: StartRequest[] = [];
    const startJob = (request: StartRequest) => {
      requests.push(request);
      return Promise.reject(new BgJobsError('limit_reached', 'Full.'));
    };
    for (const args of [
      ['run', '--', 'npm', '--json'],
      ['run', 'npm', '--json'],
    ]) {
      const { code, stdout, stderr } = await runFake(args, { startJob });
      assert.deepEqual([code, stdout, stderr], [6, '', 'bgjobs: Full.\n']);
    }
    assert.deepEqual(
      requests.map(({ argv }) => argv),
      [
        ['npm', '--json'],
        ['npm', '--json'],
      ],
    );
  });
});
