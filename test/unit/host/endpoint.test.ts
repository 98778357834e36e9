import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { endpointCandidates, listenPrivately, removeEndpoint } from '../../../src/host/endpoint.ts';

const uid = process.getuid?.();

describe('where a host may listen', () => {
  const place = {
    platform: 'linux',
    home: '/home/ada/.local/share/background-jobs',
    uid: 1000,
    temporary: '/tmp',
  } as const;

  it('is a socket in the store itself, first of all', () => {
    assert.equal(endpointCandidates(place)[0], '/home/ada/.local/share/background-jobs/host.sock');
  });

  it('is among the temporary files when the path of the store is too long', () => {
    const home = `/home/${'a'.repeat(200)}`;
    for (const platform of ['linux', 'darwin'] as const) {
      const [first, ...others] = endpointCandidates({ ...place, platform, home });
      assert.match(first ?? '', /^\/tmp\/bgjobs-1000\/[0-9a-f]{16}\.sock$/);
      assert.deepEqual(others, []);
    }
  });

  it('is never a path that the system could not take', () => {
    const temporary = `/var/folders/${'é'.repeat(60)}`;
    for (const home of ['/h', `/home/${'é'.repeat(46)}`, `/home/${'é'.repeat(60)}`]) {
      const all = endpointCandidates({ ...place, home, temporary });
      assert.ok(all.length > 0);
      for (const path of all) assert.ok(Buffer.byteLength(path) <= 103, path);
    }
  });

  it('differs from home to home', () => {
    const [one, two] = ['a', 'b'].map((letter) => endpointCandidates({ ...place, home: `/${letter.repeat(150)}` })[0]);
    assert.notEqual(one, two);
  });

  it('on Windows is a pipe whose name cannot be guessed', () => {
    const windows = { ...place, platform: 'win32', home: 'C:\\Users\\Ada', uid: undefined } as const;
    const [one, two] = [endpointCandidates(windows), endpointCandidates(windows)];
    assert.match(one[0] ?? '', /^\\\\\.\\pipe\\bgjobs-[0-9a-f]{16}-[0-9a-f]{16}$/);
    assert.notDeepEqual(one, two);
  });
});

describe('listenPrivately', () => {
  let folder = '';
  let server: Server;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-'));
    server = createServer();
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });
  /** A home that is too long for a socket, and a place of our own for temporary files. */
  const longHome = (): string => {
    const home = join(folder, 'h'.repeat(150));
    mkdirSync(home, { mode: 0o700 });
    return home;
  };
  const place = (home: string) => ({ platform: process.platform, home, uid, temporary: folder });
  const mode = (path: string): number => statSync(path).mode & 0o777;

  it('replaces the socket that a killed host left', async () => {
    writeFileSync(join(folder, 'host.sock'), 'stale');
    const endpoint = await listenPrivately(server, place(folder));
    assert.equal(endpoint, join(folder, 'host.sock'));
    assert.ok(statSync(endpoint).isSocket());
  });

  it('makes a private folder for a home whose path is too long', async () => {
    const endpoint = await listenPrivately(server, place(longHome()));
    assert.equal(dirname(endpoint), join(folder, `bgjobs-${uid}`));
    assert.equal(mode(dirname(endpoint)), 0o700);
    removeEndpoint(endpoint);
    assert.ok(!existsSync(dirname(endpoint)));
  });

  it('leaves a folder alone in which another host listens', async () => {
    const endpoint = await listenPrivately(server, place(longHome()));
    writeFileSync(join(dirname(endpoint), 'other.sock'), '');
    removeEndpoint(endpoint);
    assert.ok(existsSync(join(dirname(endpoint), 'other.sock')));
  });

  it('uses no folder that other users can write to, and no symbolic link', async () => {
    const squatted = join(folder, `bgjobs-${uid}`);
    const attempts = [
      () => (mkdirSync(squatted), chmodSync(squatted, 0o777)),
      () => symlinkSync(mkdtempSync(join(folder, 'elsewhere-')), squatted),
      () => writeFileSync(squatted, ''),
    ];
    const home = longHome();
    for (const squat of attempts) {
      squat();
      const endpoint = await listenPrivately(server, place(home));
      assert.notEqual(dirname(endpoint), squatted);
      assert.equal(mode(dirname(endpoint)), 0o700);
      removeEndpoint(endpoint);
      await new Promise((resolve) => server.close(resolve));
      rmSync(squatted, { recursive: true });
    }
  });
});
