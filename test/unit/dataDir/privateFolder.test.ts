import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureHome, isPrivateFolder } from '../../../src/dataDir/privateFolder.ts';
import { BgJobsError } from '../../../src/api/errors.ts';

const uid = process.getuid?.() ?? 0;

describe('private folders', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bj-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('belong to this user and are closed to everybody else', () => {
    assert.equal(isPrivateFolder(folder, uid), true);
    chmodSync(folder, 0o750);
    assert.equal(isPrivateFolder(folder, uid), false);
  });

  it("are not another user's", () => {
    assert.equal(isPrivateFolder(folder, uid + 1), false);
  });

  it('are neither symbolic links, nor files, nor missing', () => {
    const [link, file] = [join(folder, 'link'), join(folder, 'file')];
    mkdirSync(join(folder, 'real'), { mode: 0o700 });
    symlinkSync(join(folder, 'real'), link);
    writeFileSync(file, '', { mode: 0o600 });
    for (const path of [link, file, join(folder, 'missing')]) assert.equal(isPrivateFolder(path, uid), false, path);
  });

  it('can be any folder on Windows, where permissions are inherited', () => {
    chmodSync(folder, 0o755);
    assert.equal(isPrivateFolder(folder, undefined), true);
  });
});

describe('ensureHome', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bj-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const mode = (path: string): number => statSync(path).mode & 0o777;

  it('creates the folder and its parents', () => {
    const home = join(folder, 'a', 'b');
    ensureHome(home, uid);
    assert.equal(mode(home), 0o700);
    ensureHome(home, uid);
  });

  it('closes a folder that was open', () => {
    const home = join(folder, 'open');
    mkdirSync(home, { mode: 0o755 });
    ensureHome(home, uid);
    assert.equal(mode(home), 0o700);
  });

  it("refuses another user's folder and leaves it as it is", () => {
    chmodSync(folder, 0o755);
    assert.throws(() => ensureHome(folder, uid + 1), /belongs to another user/);
    assert.equal(mode(folder), 0o755);
  });

  it('says what to do when the folder cannot be created', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const isClear = (error: unknown): boolean =>
      error instanceof BgJobsError &&
      error.code === 'host_unreachable' &&
      /file\/home.*BGJOBS_HOME/.test(error.message);
    assert.throws(() => ensureHome(join(file, 'home'), uid), isClear);
    assert.throws(() => ensureHome(file, uid), /ENOTDIR|EEXIST/);
  });
});
