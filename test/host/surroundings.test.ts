import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { bundledCli } from '../helpers/bundle.ts';
import { useHome } from '../helpers/cli.ts';

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
});
