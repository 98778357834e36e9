import assert from 'node:assert/strict';
import { isAbsolute, join, resolve } from 'node:path';
import { homeFiles, resolveHome } from '../../../src/dataDir/dataDir.ts';

describe('the home', () => {
  it('is the value of BGJOBS_HOME, always as an absolute path', () => {
    assert.equal(resolveHome({ BGJOBS_HOME: '/srv/jobs' }), '/srv/jobs');
    assert.equal(resolveHome({ BGJOBS_HOME: 'jobs' }), resolve('jobs'));
  });

  it('is the folder for data of this user otherwise', () => {
    for (const env of [{}, { BGJOBS_HOME: '' }]) {
      assert.ok(isAbsolute(resolveHome(env)));
      assert.match(resolveHome(env), /background-jobs/);
    }
  });

  it('holds the files that host and clients know', () => {
    const { home, ...files } = homeFiles('/srv/jobs');
    assert.equal(home, '/srv/jobs');
    for (const path of Object.values(files)) assert.ok(path.startsWith(join('/srv/jobs', 'host.')), path);
    assert.equal(new Set(Object.values(files)).size, Object.values(files).length);
  });
});
