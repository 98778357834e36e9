import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { readHostRecord, homeFiles } from '../../src/dataDir/dataDir.ts';
import { useHome } from '../helpers/cli.ts';

describe('bgjobs doctor --report', () => {
  const home = useHome();
  const read = (name: string): Record<string, string> => {
    const files = Object.entries(unzipSync(readFileSync(join(home.path, name))));
    return Object.fromEntries(files.map(([file, bytes]) => [file, strFromU8(bytes)]));
  };

  it('writes what helps to find a fault, and nothing that is secret', async () => {
    const secret = 'hunter2';
    const failed = await home.run([
      ...['--session', 'private-session', '--env', `PASSWORD=${secret}`, '--tag', `t=${secret}`],
      ...['--name', `name-${secret}`, '--shell', `echo ${secret}; exit 3`],
    ]);
    await home.ended(failed.id);
    await home.json(['hook', 'add', 'chat', '--webhook', `https://example.com/${secret}`, '--on', 'gave_up']);
    const { log, record } = homeFiles(home.path);
    const token = readHostRecord(record)?.token ?? '';
    assert.notEqual(token, '');
    appendFileSync(
      log,
      [
        `2026-01-01T00:00:00.000Z warn ${token} is no text`,
        `2026-01-01T00:00:00.000Z warn The hook chat was not told "${secret} failed": https://me:${secret}@example.com/${secret}?k=${secret}`,
        `2026-01-01T00:00:00.000Z warn ${homedir()}/somewhere cannot be read`,
        '',
      ].join('\n'),
    );
    const answer = await home.json<{ file: string; entries: string[] }>(['doctor', '--report', 'report.zip']);
    assert.equal(answer.file, join(home.path, 'report.zip'));
    assert.equal(statSync(answer.file).mode & 0o777, 0o600);
    const files = read('report.zip');
    assert.deepEqual(Object.keys(files), answer.entries);
    for (const hidden of [secret, token, 'private-session']) {
      const found = Object.entries(files).filter(([, text]) => text.includes(hidden));
      assert.deepEqual(found, []);
    }
    assert.match(files['host.log'] ?? '', / warn \(hidden\) is no text\n/);
    assert.match(files['host.log'] ?? '', /was not told "\(hidden\)": https:\/\/example\.com\/…\n/);
    assert.match(files['host.log'] ?? '', / warn ~\/somewhere cannot be read\n/);
    assert.match(files['doctor.txt'] ?? '', /The store is sound/);
    const versions = JSON.parse(files['versions.json'] ?? '') as Record<string, unknown>;
    assert.equal(versions['node'], process.versions.node);
    const jobs = JSON.parse(files['jobs.json'] ?? '') as Record<'counts' | 'newest', Record<string, unknown>[]>;
    assert.deepEqual(jobs.counts, [{ session: 0, status: 'failed', total: 1 }]);
    const [{ id, status, options, runs } = {}] = jobs.newest;
    assert.deepEqual([id, status], [failed.id, 'failed']);
    assert.deepEqual((options as Record<string, unknown>)['env'], { members: 1 });
    assert.equal((runs as { exitCode: number }[])[0]?.exitCode, 3);
    const settings = JSON.parse(files['settings.json'] ?? '') as Record<string, unknown>;
    assert.deepEqual([settings['queuePaused'], settings['hooks']], [false, { items: 1 }]);
  });

  it('has command lines when they are wanted', async () => {
    await home.json(['doctor', '--report', 'more.zip', '--commands']);
    assert.match(read('more.zip')['jobs.json'] ?? '', /"command": "echo hunter2; exit 3"/);
  });

  it('replaces no file, and says what goes together', async () => {
    const { message } = await home.error(2, ['doctor', '--report', 'report.zip']);
    assert.match(message, /report\.zip exists\. Give another name, or remove it first\./);
    assert.match((await home.error(2, ['doctor', '--report', 'x', '--end'])).message, /cannot be used with --end/);
    assert.match((await home.error(2, ['doctor', '--commands'])).message, /--commands requires --report/);
  });
});
