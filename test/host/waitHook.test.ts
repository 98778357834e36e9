import assert from 'node:assert/strict';
import { basename } from 'node:path';
import type { HostStatus } from '../../src/client/hostControl.ts';
import { useHome } from '../helpers/cli.ts';
import { McpClient } from '../helpers/mcp.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs wait --hook', () => {
  const home = useHome();
  const nothing = { code: 0, stdout: '' };
  const hook = async (...options: string[]) => {
    const { code, stdout } = await home.bgjobs(['wait', '--hook', ...options]);
    return { code, stdout };
  };

  it('lets the turn end, and starts no job host', async () => {
    assert.deepEqual(await hook(), nothing);
    assert.equal((await home.json<HostStatus>(['host', 'status'])).running, false);
  });

  it('tells of the first job of agents in this folder that ends, and waits for no server and nobody else', async () => {
    await using mcp = await McpClient.stdio(home, 'modern');
    const start = async (command: string, options: object = {}) => {
      return (await mcp.call('start_job', { command, lookMs: 0, ...options })).id;
    };
    const first = await start('read x; echo "got $x"; exit 3', { stdin: 'pipe' });
    const second = await start('exec sleep 600');
    await start('exec sleep 600', { readyWhen: { pattern: 'ready' } });
    await start('exec sleep 600', { restart: { policy: 'always' } });
    await home.run(['--session', basename(home.path), '--', 'sleep', '600']);

    const waiting = await home.start(['wait', '--hook']);
    await until('it waits', () => /waiting for/.exec(waiting.stderr())?.[0]);
    await home.bgjobs(['input', first, 'it\n']);
    const { code, stdout } = await waiting.ended;
    const { decision, reason } = JSON.parse(stdout) as { decision: string; reason: string };
    assert.deepEqual([code, decision], [0, 'block']);
    assert.match(reason, new RegExp(`^Job ${first}: failed \\(exit code 3\\)[^]*got it[^]*output ${first}`));
    assert.match(reason, new RegExp(`: ${second}$`));

    assert.deepEqual(await hook('--timeout', '100ms'), nothing);
    await home.bgjobs(['kill', second]);
    assert.deepEqual(await hook(), nothing);
  });

  it('takes either ids or --hook', async () => {
    assert.equal((await home.bgjobs(['wait'])).code, 2);
    assert.equal((await home.bgjobs(['wait', '1a2b', '--hook'])).code, 2);
  });
});
