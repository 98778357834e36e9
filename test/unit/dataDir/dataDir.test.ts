import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { homeFiles, resolveHome } from '../../../src/dataDir/dataDir.ts';

describe('the home', () => {
  it('is the value of BGJOBS_HOME, always as an absolute path', () => {
    assert.equal(resolveHome({ BGJOBS_HOME: '/srv/jobs' }), '/srv/jobs');
    assert.equal(resolveHome({ BGJOBS_HOME: 'jobs' }), resolve('jobs'));
  });

  it("is in the system's folder for the data of this user otherwise", () => {
    const folders: Partial<Record<NodeJS.Platform, string>> = {
      darwin: join(homedir(), 'Library', 'Application Support', 'background-jobs'),
      win32: join(homedir(), 'AppData', 'Local', 'background-jobs', 'Data'),
    };
    const folder = folders[process.platform] ?? join(homedir(), '.local', 'share', 'background-jobs');
    for (const env of [{}, { BGJOBS_HOME: '' }]) assert.equal(resolveHome(env), folder);
  });

  it('follows the variable that moves this folder', () => {
    if (process.platform === 'darwin') return;
    const [name, folder] =
      process.platform === 'win32'
        ? ['LOCALAPPDATA', join('D:\\', 'data', 'background-jobs', 'Data')]
        : ['XDG_DATA_HOME', '/srv/data/background-jobs'];
    assert.equal(resolveHome({ [name]: process.platform === 'win32' ? 'D:\\data' : '/srv/data' }), folder);
  });

  it('holds the files that host and clients know', () => {
    const { home, database, ...files } = homeFiles('/srv/jobs');
    assert.deepEqual([home, database], ['/srv/jobs', join('/srv/jobs', 'jobs.db')]);
    for (const path of Object.values(files)) assert.ok(path.startsWith(join('/srv/jobs', 'host.')), path);
    assert.equal(new Set(Object.values(files)).size, Object.values(files).length);
  });
});
