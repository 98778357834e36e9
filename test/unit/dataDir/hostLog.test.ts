import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog, parseLogLevel } from '../../../src/dataDir/hostLog.ts';

describe('host.log', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bj-'));
    path = join(folder, 'host.log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has lines of time, level and message, and the stack of an error', () => {
    const log = openLog(path, 'info');
    log.info('hello');
    log.error('it broke', new Error('why'));
    const text = readFileSync(path, 'utf8');
    assert.match(text, /^\d{4}-\d\d-\d\dT[\d:.]+Z info hello\n/);
    assert.match(text, /error it broke: Error: why\n +at .*hostLog\.test\.ts/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('leaves out messages below its level', () => {
    const log = openLog(path, 'warn');
    for (const level of ['error', 'warn', 'info', 'debug'] as const) log[level](level);
    assert.deepEqual(readFileSync(path, 'utf8').match(/(error|warn|info|debug)$/gm), ['error', 'warn']);
  });

  it('keeps one older file, across restarts', () => {
    for (let round = 0; round < 40; round++) openLog(path, 'info', 500).info(`round ${round} ${'x'.repeat(80)}`);
    assert.ok(statSync(path).size <= 700);
    assert.ok(statSync(`${path}.1`).size <= 700);
    assert.match(readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8'), /round 38 .*\n.*round 39 /);
    assert.ok(!existsSync(`${path}.2`));
  });

  it('does not stop the host when it cannot be written', () => {
    openLog(join(folder, 'missing', 'host.log'), 'info').info('lost');
  });

  it('treats an unknown level as info', () => {
    assert.equal(parseLogLevel('DEBUG'), 'debug');
    assert.equal(parseLogLevel(undefined), 'info');
    assert.equal(parseLogLevel('verbose'), 'info');
  });
});
