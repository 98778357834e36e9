import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { watch } from 'node:fs';
import { watchLogs } from '../../../../src/engine/output/watchLogs.ts';
import { until } from '../../../helpers/until.ts';
import { OutputFixture } from '../../../helpers/engine/outputFixture.ts';

class FakeWatcher extends EventEmitter {
  closed = false;
  close(): void {
    this.closed = true;
  }
}

describe('watchLogs', () => {
  let fixture: OutputFixture;
  let made: { path: string; watcher: FakeWatcher }[];
  const fake = ((path: string) => {
    const watcher = new FakeWatcher();
    made.push({ path, watcher });
    return watcher;
  }) as unknown as typeof watch;

  beforeEach(() => {
    fixture = new OutputFixture();
    made = [];
  });
  afterEach(() => fixture.dispose());

  it('reports growth', async () => {
    let hints = 0;
    const close = watchLogs(process.platform)(fixture.logs, () => hints++);
    if (close) {
      fixture.write('stderr', 'x', false);
      await until('a hint', () => hints || undefined);
      close();
    } else {
      assert.equal(process.platform, 'win32');
    }
  });

  it('watches the folder on Linux, the files on macOS, nothing on Windows', () => {
    const paths = (platform: NodeJS.Platform, logs = fixture.logs): string[] => {
      made = [];
      watchLogs(platform, fake)(logs, () => undefined)?.();
      assert.ok(made.every(({ watcher }) => watcher.closed));
      return made.map(({ path }) => path);
    };
    assert.deepEqual(paths('linux'), [fixture.directory]);
    assert.deepEqual(paths('darwin'), [fixture.logs.stdout, fixture.logs.stderr]);
    assert.deepEqual(paths('darwin', { ...fixture.logs, stderr: null }), [fixture.logs.stdout]);
    assert.deepEqual(paths('win32'), []);
  });

  it('treats an error of a watcher as a change', () => {
    let hints = 0;
    watchLogs('linux', fake)(fixture.logs, () => hints++);
    made[0]?.watcher.emit('error', new Error('gone'));
    assert.equal(hints, 1);
  });

  it('leaves nothing open when not everything can be watched', () => {
    const second = ((path: string, listener: () => void) => {
      if (made.length === 1) throw Object.assign(new Error('too many'), { code: 'EMFILE' });
      return fake(path, listener);
    }) as typeof watch;
    assert.equal(
      watchLogs('darwin', second)(fixture.logs, () => undefined),
      undefined,
    );
    assert.deepEqual(
      made.map(({ watcher }) => watcher.closed),
      [true],
    );
  });
});
