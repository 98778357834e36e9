import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { hostStatus, stopHost } from '../../../src/client/hostControl.ts';
import { homeFiles } from '../../../src/dataDir/dataDir.ts';
import { packageVersion } from '../../../src/bundles.ts';
import { useHostHome } from '../../helpers/jobHost.ts';
import { protocolVersion } from '../../../src/api/endpoints.ts';

const none = { running: false, pid: null, version: null, protocol: null, endpoint: null, uptimeMs: null };

describe('the control of the host', () => {
  const home = useHostHome();

  it('describes the running host', async () => {
    await home.connect();
    const status = await hostStatus(home.options());
    const { pid, endpoint } = home.record();
    assert.deepEqual(
      { ...status, uptimeMs: 0 },
      { running: true, pid, version: packageVersion(), protocol: protocolVersion, endpoint, uptimeMs: 0 },
    );
    assert.ok((status.uptimeMs ?? -1) >= 0);
  });

  it('does not start a host to report that none is running', async () => {
    assert.deepEqual(await hostStatus(home.options()), none);
    await stopHost(home.options());
    assert.deepEqual(home.processes(), []);
  });

  it('is not misled by the files of a killed host', async () => {
    await home.connect();
    await home.killHost();
    assert.ok(existsSync(homeFiles(home.path).record));
    assert.deepEqual(await hostStatus(home.options()), none);
    await stopHost(home.options());
  });

  it('has stopped the host when it says so, and a new one can start at once', async () => {
    const { pid } = await (await home.connect()).getHost();
    await stopHost(home.options());
    assert.ok(!existsSync(homeFiles(home.path).record));
    assert.deepEqual(await hostStatus(home.options()), none);
    assert.notEqual((await (await home.connect()).getHost()).pid, pid);
  });

  it('stops the host while many clients ask it for something', async () => {
    const client = await home.connect();
    const { job } = await client.startJob({ argv: ['sleep', '60'], cwd: '/' });
    const asking = Array.from({ length: 20 }, () => client.getJob(job.id));
    await stopHost(home.options());
    for (const { status } of await Promise.all(asking)) assert.equal(status, 'running');
    assert.equal((await client.getJob(job.id)).status, 'running');
  });
});
