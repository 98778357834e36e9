import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import which from 'which';
import type { HostStatus } from '../../src/client/hostControl.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs host enable', function () {
  const home = useHome();
  const at = (...names: string[]) => join(home.path, ...names);
  const units = () => at('config', 'systemd', 'user');
  const env = () => ({
    PATH: `${at('programs')}${delimiter}${process.env['PATH'] ?? ''}`,
    XDG_CONFIG_HOME: at('config'),
  });

  before(function () {
    if (process.platform !== 'linux') this.skip();
    mkdirSync(at('programs'));
    systemctl('0');
  });

  /** The program of the system, which writes down how it was called. */
  function systemctl(exitCode: string): void {
    const text = `#!/bin/sh\necho "$*" >>"${at('calls')}"\n[ ${exitCode} = 0 ] || echo 'no bus' >&2\nexit ${exitCode}\n`;
    writeFileSync(at('programs', 'systemctl'), text);
    chmodSync(at('programs', 'systemctl'), 0o755);
  }

  it('makes a unit that starts the host and leaves jobs alone, and takes it away', async () => {
    const enabled = await home.bgjobs(['host', 'enable'], { env: env() });
    assert.equal(enabled.code, 0, enabled.stderr);
    assert.match(enabled.stdout, /^The job host starts when you log in\./);
    const [unit = ''] = readdirSync(units());
    const calls = ['--user daemon-reload', `--user enable ${unit}`];
    assert.deepEqual(readFileSync(at('calls'), 'utf8').trim().split('\n'), calls);
    const text = readFileSync(join(units(), unit), 'utf8');
    assert.match(text, /^KillMode=process$/m);
    const analyze = which.sync('systemd-analyze', { nothrow: true });
    if (analyze) {
      const { stderr } = spawnSync(analyze, ['verify', '--user', join(units(), unit)], { encoding: 'utf8' });
      assert.ok(!stderr.includes(unit), stderr);
    }

    // What systemd would run at login.
    await home.bgjobs(['host', 'stop']);
    const [, script = ''] = /^ExecStart=\/bin\/sh "(.*)"$/m.exec(text) ?? [];
    assert.equal(spawnSync('/bin/sh', [script], { env: {} }).status, 0);
    assert.equal((await home.json<HostStatus>(['host', 'status'])).running, true);

    assert.equal((await home.bgjobs(['host', 'disable'], { env: env() })).code, 0);
    assert.deepEqual([readdirSync(units()), existsSync(script)], [[], false]);
  });

  it('keeps the script right when the program is at another place after an update', async () => {
    await home.bgjobs(['host', 'enable'], { env: env() });
    await home.bgjobs(['host', 'stop']);
    const right = readFileSync(at('autostart.sh'), 'utf8');
    writeFileSync(at('autostart.sh'), right.replace('cli.js', 'old.js'));
    await home.bgjobs(['host', 'start']);
    assert.equal(readFileSync(at('autostart.sh'), 'utf8'), right);
    await home.bgjobs(['host', 'disable'], { env: env() });
  });

  it('says what to do where systemd does not manage the session, and leaves no unit', async () => {
    systemctl('1');
    const error = await home.error(2, ['host', 'enable'], { env: env() });
    assert.match(
      error.message,
      /^The system cannot start the job host when you log in: no bus\. .*crontab.*: @reboot \/bin\/sh '/,
    );
    assert.deepEqual(readdirSync(units()), []);
  });
});
