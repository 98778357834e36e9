import assert from 'node:assert/strict';
import { startRequest } from '../../../src/api/options.ts';

const base = { argv: ['true'], cwd: '/' };

const accepted: Record<string, unknown> = {
  'a program and arguments': base,
  'a shell line': { command: 'true', cwd: '/' },
  'empty arguments, quotes and newlines': { ...base, argv: ['printf', '', '\'"', '\n', '--'] },
  'the lowest priority': { ...base, priority: 1 },
  'the highest priority': { ...base, priority: 10 },
  'no grace time': { ...base, graceMs: 0 },
  'the longest time-out': { ...base, timeoutMs: 2 ** 31 - 1 },
  'a variable to remove': { ...base, env: { HOME: null } },
  'a variable with an unusual name': { ...base, env: { 'a.b-c d': 'x' } },
  'an empty value': { ...base, env: { A: '' } },
  'the smallest log': { ...base, maxLogBytes: 65_536 },
  'a NUL byte in the text of the standard input': { ...base, stdin: { type: 'text', text: '\0' } },
};

const refused: Record<string, unknown> = {
  'neither command nor argv': { cwd: '/' },
  'both command and argv': { ...base, command: 'true' },
  'an empty command': { command: '', cwd: '/' },
  'an empty list': { ...base, argv: [] },
  'a program without a name': { ...base, argv: ['', 'x'] },
  'no folder': { argv: ['true'] },
  'an empty folder': { ...base, cwd: '' },
  'a NUL byte in an argument': { ...base, argv: ['echo', 'a\0b'] },
  'a NUL byte in the command': { command: 'a\0b', cwd: '/' },
  'a NUL byte in the folder': { ...base, cwd: '/a\0b' },
  'a NUL byte in a value': { ...base, env: { A: 'a\0b' } },
  'a NUL byte in a name': { ...base, env: { 'a\0b': '' } },
  'a name with =': { ...base, env: { 'A=B': '' } },
  'an empty name': { ...base, env: { '': 'x' } },
  'priority 0': { ...base, priority: 0 },
  'priority 11': { ...base, priority: 11 },
  'priority 1.5': { ...base, priority: 1.5 },
  'priority as text': { ...base, priority: '5' },
  'time-out 0': { ...base, timeoutMs: 0 },
  'a time-out that no timer can count': { ...base, timeoutMs: 2 ** 31 },
  'idle time-out 0': { ...base, idleTimeoutMs: 0 },
  'a negative grace time': { ...base, graceMs: -1 },
  'a grace time over an hour': { ...base, graceMs: 3_600_001 },
  'a log that is too small': { ...base, maxLogBytes: 65_535 },
  'an unknown field': { ...base, nice: 1 },
  'an unknown field of stdin': { ...base, stdin: { type: 'none', text: 'x' } },
  'text of stdin left out': { ...base, stdin: { type: 'text' } },
  'more text than 1 MiB': { ...base, stdin: { type: 'text', text: 'x'.repeat(1_048_577) } },
  'an unknown kind of stdin': { ...base, stdin: { type: 'tty' } },
  'an unknown capture': { ...base, capture: 'both' },
  'an empty name of the job': { ...base, name: '  ' },
  'a name over 200 characters': { ...base, name: 'x'.repeat(201) },
  'an empty session': { ...base, session: '' },
  'an empty tag': { ...base, tags: { '': 'x' } },
  'an empty key': { ...base, idempotencyKey: '' },
};

describe('startRequest', () => {
  for (const [what, request] of Object.entries(accepted)) {
    it(`takes ${what}`, () => assert.ok(startRequest.safeParse(request).success));
  }

  for (const [what, request] of Object.entries(refused)) {
    it(`refuses ${what}`, () => assert.ok(!startRequest.safeParse(request).success));
  }

  it('fills in the defaults of the contract', () => {
    assert.deepEqual(startRequest.parse(base), {
      ...base,
      env: {},
      session: 'default',
      tags: {},
      priority: 5,
      graceMs: 5000,
      stdin: { type: 'none' },
      held: false,
      ifFull: 'queue',
      capture: 'separate',
      maxLogBytes: 256 * 1024 ** 2,
      whenFull: 'drop',
      leftovers: 'keep',
      dependsOn: [],
      ifDependencyFails: 'cancel',
      afterReboot: 'keep',
      ifMissed: 'once',
      ifOverlap: 'skip',
      unlessRunning: false,
      limits: {},
      actor: 'user',
    });
  });
});
