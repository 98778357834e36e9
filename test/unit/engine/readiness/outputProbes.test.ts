import assert from 'node:assert/strict';
import type { GrowthSource } from '../../../../src/engine/output/logLimit.ts';
import { OutputTracker } from '../../../../src/engine/output/outputTracker.ts';
import { checkReadyWhen, patternProbe } from '../../../../src/engine/readiness/outputProbes.ts';
import { portClaim } from '../../../../src/engine/readiness/portClaim.ts';
import { createProcessTable } from '../../../../src/processes/platform.ts';
import { freePort } from '../../../../scripts/editor/freePort.ts';
import { OutputFixture } from '../../../helpers/engine/outputFixture.ts';
import { until } from '../../../helpers/until.ts';
import { serveHere } from '../../../helpers/loopbackServer.ts';

describe('patternProbe', () => {
  let fixture: OutputFixture;
  let tracker: OutputTracker;
  let told: string[];
  beforeEach(() => {
    fixture = new OutputFixture();
    told = [];
    const quiet = { onDropped: () => undefined, onUnlimited: () => undefined, onFailure: () => undefined };
    tracker = new OutputTracker(fixture.index, quiet);
    tracker.track(fixture.logs);
  });
  afterEach(async () => {
    await tracker.dispose();
    fixture.dispose();
  });

  const write = (text: string): void => {
    fixture.write('stdout', text, false);
    tracker.observe(1);
  };
  const found = async (pattern: string, growth: GrowthSource = tracker): Promise<unknown[]> => {
    const signal = new AbortController().signal;
    const target = { runId: 'none.1', supervisor: null, logs: [] };
    const claim = portClaim({ table: createProcessTable(), target, before: [], onBefore: () => undefined });
    const output = { growth, index: fixture.index, logs: fixture.logs };
    const onObstacle = (text: string): void => void told.push(text);
    const { text, url } =
      (await patternProbe(pattern, { last: signal, abort: signal, claim, output, onObstacle })) ?? {};
    return [text, url];
  };

  it('returns the whole URL, also when it is written in pieces', async () => {
    await using server = await serveHere();
    const address = `http://localhost:${server.port}`;
    write(`starting\nListening on ${address.slice(0, -2)}`);
    const pieces = [`${address.slice(-2)}/a`, 'pp\nand more\n'];
    let looks = 0;
    // Each piece comes when somebody looks whether one comes.
    const growth: GrowthSource = {
      onGrowth(run, listener) {
        const piece = looks++ === 0 ? undefined : pieces.shift();
        if (piece !== undefined) write(piece);
        return tracker.onGrowth(run, listener);
      },
    };
    assert.deepEqual(await found('Listening', growth), [`Listening on ${address}/app`, `${address}/app`]);
  });

  it('matches a line without a newline', async () => {
    write('what next > ');
    assert.deepEqual(await found('> $'), ['what next >', null]);
  });

  it('waits until the address of the line accepts connections, and tells that it does not', async () => {
    const port = await freePort();
    write(`Running on http://127.0.0.1:${port} (see https://example.org/)\n`);
    const ready = found('/running on/i');
    assert.equal(
      await until('it is told', () => told[0]),
      `nothing listens at 127.0.0.1:${port}, which the output names`,
    );
    await using server = await serveHere(undefined, { port });
    assert.deepEqual((await ready)[1], `http://127.0.0.1:${server.port}/`);
  });

  it('goes on with later lines when the first names an address that the job cannot have', async () => {
    await using server = await serveHere();
    write(`http://localhost:${await freePort()} is taken\nready at http://localhost:${server.port}/\n`);
    assert.deepEqual(await found('http:'), [
      `ready at http://localhost:${server.port}/`,
      `http://localhost:${server.port}/`,
    ]);
  });

  it('does not take "already in use" for "ready"', async () => {
    write('[Errno 98] Address already in use\nERROR: That port is ALREADY IN USE\nReady.\n');
    assert.deepEqual(await found('/ready/i'), ['Ready.', null]);
    write('it is already in use\n');
    assert.deepEqual(await found('is already'), ['it is already in use', null]);
  });

  it('finds the URL in other lines: that of the job, not one that the job only mentions', async () => {
    await using server = await serveHere();
    const mentioned = `proxy for http://localhost:${await freePort()}/api, docs at https://example.org/`;
    write(`${mentioned}\nLocal: http://0.0.0.0:${server.port}/x.\nready in 5 ms\n`);
    assert.deepEqual(await found('ready in'), ['ready in 5 ms', `http://localhost:${server.port}/x`]);
  });
});

describe('readyWhen: listening', () => {
  it('is refused where the system does not show who listens', async () => {
    const readyWhen = { listening: true, timeoutMs: 1, ifNotReady: 'keep' } as const;
    await assert.rejects(checkReadyWhen(readyWhen, '/nowhere'), {
      code: 'invalid_request',
      message: /not available on this system.*Use port, url or pattern/,
    });
  });
});
