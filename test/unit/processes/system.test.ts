import assert from 'node:assert/strict';
import { sendSignal } from '../../../src/processes/processSource.ts';

describe('sendSignal', () => {
  it('refuses what would reach init, everybody, our own group, or ourselves', () => {
    const kill = (): never => assert.fail('nobody is to be signalled');
    for (const target of [0, 1, -1, process.pid, Number.NaN, 2.5]) {
      assert.throws(() => sendSignal(kill, target, 'SIGTERM'), RangeError);
    }
  });

  it('reports the result', () => {
    const failing = (code: string) => (): never => {
      throw Object.assign(new Error(code), { code });
    };
    const sent: unknown[] = [];
    assert.equal(
      sendSignal((...args) => sent.push(args), -1234, 'SIGHUP'),
      'delivered',
    );
    assert.deepEqual(sent, [[-1234, 'SIGHUP']]);
    assert.equal(sendSignal(failing('ESRCH'), 1234, 0), 'gone');
    assert.equal(sendSignal(failing('EPERM'), 1234, 0), 'denied');
    assert.throws(() => sendSignal(failing('EINVAL'), 1234, 0), /EINVAL/);
  });
});
