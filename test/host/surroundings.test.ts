import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { isAbsolute, join } from 'node:path';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

describe('bgjobs where something is missing', () => {
  const home = useHome();

  /** `bgjobs` is a function of the script. */
  async function inShell(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
    const bgjobs = `bgjobs() { '${process.execPath}' '${await bundledCli()}' "$@"; }`;
    const env = { ...process.env, BGJOBS_HOME: home.path };
    return new Promise((resolve) => {
      const child = execFile('sh', ['-c', `${bgjobs}\n${script}`], { cwd: home.path, env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, stdout, stderr }),
      );
    });
  }

  it('works in a folder that was removed, and starts nothing there', async () => {
    const { code, stdout, stderr } = await inShell(`
      mkdir gone && cd gone && rmdir ../gone
      bgjobs list --json
      bgjobs run --json -- true`);
    const [list = '', error = ''] = stdout.split('\n');
    assert.equal((JSON.parse(list) as { total: number }).total, 0, stderr);
    assert.equal((JSON.parse(error) as { error: { code: string } }).error.code, 'cwd_not_found');
    assert.equal(code, 2);
  });

  it('says that its output cannot be written', async () => {
    const { code, stderr } = await inShell('bgjobs list --json > /dev/full');
    assert.equal(code, 1);
    assert.match(stderr, /^bgjobs: .*cannot write the output: .*ENOSPC/);
  });

  it('ignores a relative XDG_DATA_HOME', async () => {
    const { stdout, stderr } = await inShell(`
      unset BGJOBS_HOME; mkdir -p user/sub; export HOME="$PWD/user" XDG_DATA_HOME=relative/dir
      bgjobs host start --json
      cd user/sub && bgjobs host status --json
      bgjobs host stop
      cd ../..; find user relative -name jobs.db 2>&1`);
    const [started = '', status = ''] = stdout.split('\n');
    const { endpoint } = JSON.parse(started) as { endpoint: string };
    assert.equal((JSON.parse(status) as { endpoint: string }).endpoint, endpoint, stderr);
    assert.match(stdout, /\nuser\/\.local\/share\/background-jobs\/jobs\.db\nfind: .*relative.*\n$/);
  });

  it('listens where every client finds it though TMPDIR is relative', async () => {
    const { stdout, stderr } = await inShell(`
      long=$(printf 'x%.0s' $(seq 100)); export BGJOBS_HOME="$PWD/$long" TMPDIR=relative; mkdir relative
      bgjobs host start --json
      cd / && bgjobs list --json; bgjobs host stop`);
    const [started = '', list = ''] = stdout.split('\n');
    assert.ok(isAbsolute((JSON.parse(started) as { endpoint: string }).endpoint), stderr);
    assert.equal((JSON.parse(list) as { total: number }).total, 0, stderr);
  });

  for (const umask of ['000', '022']) {
    it(`keeps its files closed to others with the umask ${umask}, and gives jobs that umask`, async () => {
      const { stdout, stderr } = await inShell(`
        umask ${umask}; export BGJOBS_HOME="$PWD/open${umask}"
        bgjobs run --wait -- sh -c umask
        find "$BGJOBS_HOME" ! -name bgjobs ! -perm 700 ! -perm 600
        ls "$BGJOBS_HOME"; bgjobs host stop`);
      const [given, ...names] = stdout.trim().split('\n');
      assert.equal(Number(given), Number(umask), stderr);
      for (const name of ['host.lock', 'host.sock', 'jobs.db', 'jobs.db-shm', 'jobs.db-wal']) {
        assert.ok(names.includes(name), `${name} is there: ${stdout}`);
      }
      assert.ok(!stdout.includes('/'), stdout);
    });
  }

  it('logs that it turns clients away when it may have few files open', async () => {
    const { stdout } = await inShell(`
      export BGJOBS_HOME="$PWD/few"; ulimit -n 70; bgjobs host start --json; cat "$BGJOBS_HOME/host.json"`);
    const { endpoint } = JSON.parse(stdout.split('\n')[0] ?? '') as { endpoint: string };
    const clients = Array.from({ length: 60 }, () => createConnection(endpoint).on('error', () => undefined));
    const log = join(home.path, 'few', 'host.log');
    await until(
      'it has logged a warning',
      () =>
        /warn This process may have 70 files open, and \d+ clients are connected/.test(readFileSync(log, 'utf8')) ||
        undefined,
    );
    for (const client of clients) client.destroy();
    // It goes on.
    const after = await inShell('export BGJOBS_HOME="$PWD/few"; bgjobs run --wait -- echo done; bgjobs host stop');
    assert.match(after.stdout, /^done\n/, after.stderr);
  });
});
