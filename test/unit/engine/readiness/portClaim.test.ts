import assert from 'node:assert/strict';
import { portClaim, socketsBefore } from '../../../../src/engine/readiness/portClaim.ts';
import { createProcessTable } from '../../../../src/processes/platform.ts';
import { startRequest, type StartRequest } from '../../../../src/api/options.ts';
import { serveHere } from '../../../helpers/loopbackServer.ts';

/** On another machine: the system here does not show its sockets. */
const far = { address: '192.0.2.1', port: 80, isLocal: false };

function claim(before: string[] | null) {
  const told: (string | string[])[] = [];
  const parts = { table: createProcessTable(), target: { runId: 'none.1', supervisor: null, logs: [] }, before };
  const tell = (what: string | string[]): void => void told.push(what);
  const claim = portClaim({ ...parts, onBefore: tell });
  const covers = async (contacts: Parameters<typeof claim.judge>[0]): Promise<boolean> => {
    const { own, obstacle } = await claim.judge(contacts);
    if (obstacle !== '') tell(obstacle);
    return own.length > 0;
  };
  return { told, claim: { ...claim, covers } };
}

describe('a server on a port', () => {
  it('does not belong to the job if the port was open before the run, until the port was closed once', async () => {
    const { told, claim: port } = claim(['unseen']);
    const answers: boolean[] = [];
    for (const contacts of [[far], [far], [], [], [far]]) answers.push(await port.covers(contacts));
    assert.deepEqual(answers, [false, false, false, false, true]);
    assert.deepEqual(told, ['port 80 was open before this run', 'port 80 was open before this run', []]);
  });

  it('was open before the run if it answers at once and no other evidence exists', async () => {
    await using server = await serveHere();
    const at = { host: '127.0.0.1', port: server.port };
    const { told, claim: port } = claim(null);
    await port.probeBefore(at);
    assert.equal(await port.covers([{ address: at.host, port: at.port, isLocal: true }]), false);
    assert.match(String(told[0]), /^\d+$/);
    assert.match(String(told[1]), new RegExp(`process ${process.pid} .* has had it since before this run`));
    const known = claim([]);
    await known.claim.probeBefore(at);
    assert.deepEqual(known.told, []);
    await server.close();
    const closed = claim(null);
    await closed.claim.probeBefore(at);
    assert.deepEqual(closed.told, [[]]);
  });

  it('does not belong to the job for the next host either, which reads the stored claim', async () => {
    assert.equal(await claim(['unseen']).claim.covers([far]), false);
    assert.equal(await claim([]).claim.covers([far]), true);
  });

  it('is refused again, with a report, when another process has the next port', async () => {
    const { told, claim: port } = claim(['unseen']);
    await port.covers([far]);
    await port.covers([{ ...far, port: 81 }]);
    assert.deepEqual(told, ['port 80 was open before this run', 'port 81 was open before this run']);
  });

  it('was open before the run if the system shows its socket', async () => {
    const before = (readyWhen: NonNullable<StartRequest['readyWhen']>): string[] | null =>
      socketsBefore(startRequest.parse({ argv: ['true'], cwd: '/', readyWhen }).readyWhen);
    await using server = await serveHere();
    const [inode, ...others] = before({ port: server.port }) ?? [];
    assert.match(inode ?? '', /^\d+$/);
    assert.deepEqual(others, []);
    assert.deepEqual(before({ url: `http://127.0.0.1:${server.port}/x` }), [inode]);
    await server.close();
    assert.deepEqual(before({ port: server.port }), []);
    assert.deepEqual([before({ port: 80, host: 'example.test' }), before({ file: 'x' })], [null, null]);
  });
});
