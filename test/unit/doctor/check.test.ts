import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkBoot, checkFolder, checkHost, checkProcesses, checkSocket } from '../../../src/doctor/systemChecks.ts';
import { checkStore } from '../../../src/doctor/storeChecks.ts';
import type { Check } from '../../../src/api/inspection.ts';
import { fakeTable, self } from '../../helpers/engine/fakeTable.ts';
import { StoreFixture } from '../../helpers/engine/storeFixture.ts';
import { TemporaryFolder } from '../../helpers/engine/temporaryFolder.ts';

const table = fakeTable([self]);
const short = ({ id, status }: Check): string => `${id} ${status}`;
const only = (checks: Check[], id: Check['id']): Check[] => checks.filter((check) => check.id === id);

describe('the checks of the doctor', () => {
  it('say whether processes can be seen', async () => {
    const blind = { ...table, snapshot: () => Promise.reject(new Error('no /proc')) };
    const without = fakeTable([]);
    assert.deepEqual(
      [await checkProcesses(table), await checkProcesses(blind), await checkProcesses(without)].map(short),
      ['processes ok', 'processes problem', 'processes problem'],
    );
    assert.match((await checkProcesses(blind)).summary, /no \/proc/);
  });

  it('report a missing boot ID where start times need one', () => {
    const nameless = { ...table, bootId: () => '' };
    assert.deepEqual(
      [checkBoot(table, 'linux'), checkBoot(nameless, 'linux'), checkBoot(nameless, 'win32')].map(
        (check) => check.status,
      ),
      ['ok', 'warning', 'ok'],
    );
  });

  it('examine the folder and leave nothing in it', async () => {
    using folder = new TemporaryFolder();
    const home = join(folder.path, 'a', 'home');
    assert.deepEqual((await checkFolder(home)).map(short), ['home ok', 'disk ok']);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    assert.deepEqual(
      (await checkFolder(home)).map(({ id, status, summary }) => [
        id,
        id === 'holes' || status === 'ok',
        summary !== '',
      ]),
      ['home', 'disk', 'holes', 'watch'].map((id) => [id, true, true]),
    );
    assert.deepEqual(readdirSync(home), []);
    chmodSync(home, 0o755);
    const [open] = only(await checkFolder(home), 'home');
    assert.equal(open?.status, 'warning');
    assert.match(open.advice ?? '', /chmod 700/);
    writeFileSync(join(folder.path, 'file'), '');
    assert.deepEqual((await checkFolder(join(folder.path, 'file'))).map(short), ['home problem', 'disk ok']);
  });

  it('follow a symbolic link, and report one that leads nowhere', async () => {
    using folder = new TemporaryFolder();
    const [home, link] = [join(folder.path, 'home'), join(folder.path, 'link')];
    symlinkSync(home, link);
    for (const path of [link, join(link, 'below')]) {
      assert.deepEqual((await checkFolder(path)).map(short), ['home problem', 'disk ok']);
    }
    mkdirSync(home, { mode: 0o700 });
    assert.deepEqual(only(await checkFolder(link), 'home').map(short), ['home ok']);
    chmodSync(home, 0o755);
    assert.deepEqual(only(await checkFolder(link), 'home').map(short), ['home warning']);
    assert.match(checkSocket(link, 'linux').summary, /\/home\/host\.sock/);
  });

  it('treat a store without tables as missing, and report a file in the place of the folder', () => {
    using folder = new TemporaryFolder();
    const file = join(folder.path, 'jobs.db');
    writeFileSync(file, '');
    assert.deepEqual(checkStore(table, folder.path, Date.now()).map(short), ['store ok']);
    assert.deepEqual(checkStore(table, file, Date.now()).map(short), ['store ok']);
  });

  it('know where a socket can be created', () => {
    assert.match(checkSocket('/home/me/jobs', 'linux').summary, /^\/home\/me\/jobs\/host\.sock is short enough/);
    assert.match(checkSocket(`/${'x'.repeat(100)}`, 'linux').summary, /too long for a socket, so the socket is/);
    assert.equal(checkSocket('C:\\Users\\me', 'win32').status, 'ok');
  });

  it('find the problems of a store', () => {
    using test = new StoreFixture();
    assert.deepEqual(checkStore(table, test.path, Date.now()).map(short), [
      'store ok',
      'damaged ok',
      'clock ok',
      'runs ok',
    ]);
    const job = test.create();
    test.store.beginRun(job);
    test.database.exec("UPDATE jobs SET spec = 'no json'");
    test.store.read([test.store.jobs.byId(job.id)]);
    const next = test.create();
    const run = test.store.beginRun(next);
    test.store.runStarted(next, run, { pid: 9_000_500, startTime: '1', bootId: 'this boot' });
    writeFileSync(join(test.path, 'jobs.db.damaged-12'), '');
    assert.deepEqual(checkStore(table, test.path, Date.now() - 3_600_000).map(short), [
      'store ok',
      'damaged warning',
      'damaged warning',
      'clock warning',
      'runs warning',
    ]);
    test.database.exec('PRAGMA user_version = 1000');
    assert.match(checkStore(table, test.path, Date.now())[0]?.advice ?? '', /Update this software/);
  });

  it('say that no job host runs, and start none', async () => {
    using folder = new TemporaryFolder();
    assert.deepEqual((await checkHost(folder.path, '1.2.3')).map(short), ['host ok']);
    assert.deepEqual(readdirSync(folder.path), []);
  });
});
