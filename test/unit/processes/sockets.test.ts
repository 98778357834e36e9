import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heldSockets, isEphemeral, listeners, servingListeners } from '../../../src/processes/sockets.ts';
import { TemporaryFolder } from '../../helpers/engine/temporaryFolder.ts';

const heading = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

/** Lines of /proc/net/tcp on a machine with the lowest byte first. */
function lines(...sockets: [address: string, state: string, inode: number][]): string {
  const rows = sockets.map(
    ([address, state, inode], index) =>
      `   ${index}: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0 100`,
  );
  return [heading, ...rows, ''].join('\n');
}

const loopback6 = '00000000000000000000000001000000';
const mapped = '0000000000000000FFFF00000100007F';

describe('the listening sockets of Linux', () => {
  function proc(folder: TemporaryFolder, tcp: string, tcp6?: string): string {
    mkdirSync(join(folder.path, 'net'), { recursive: true });
    writeFileSync(join(folder.path, 'net', 'tcp'), tcp);
    if (tcp6 !== undefined) writeFileSync(join(folder.path, 'net', 'tcp6'), tcp6);
    return folder.path;
  }

  it('are those that listen on the port, with their addresses', () => {
    using folder = new TemporaryFolder();
    const tcp = lines(['0100007F:0BB8', '0A', 11], ['0100007F:0BB9', '0A', 12], ['0100007F:0BB8', '01', 13]);
    const tcp6 = lines(
      [`${loopback6}:0BB8`, '0A', 14],
      [`${mapped}:0BB8`, '0A', 15],
      [`${'0'.repeat(32)}:0BB8`, '0A', 16],
    );
    assert.deepEqual(listeners(3000, proc(folder, tcp, tcp6)), [
      { address: '127.0.0.1', port: 3000, inode: '11' },
      { address: '::1', port: 3000, inode: '14' },
      { address: '::ffff:127.0.0.1', port: 3000, inode: '15' },
      { address: '::', port: 3000, inode: '16' },
    ]);
    const all = listeners(undefined, folder.path)?.map(({ port, inode }) => [port, inode]);
    assert.deepEqual(all?.slice(0, 2), [
      [3000, '11'],
      [3001, '12'],
    ]);
  });

  it('are none without IPv6, and not known without /proc', () => {
    using folder = new TemporaryFolder();
    assert.deepEqual(listeners(3000, proc(folder, lines())), []);
    assert.equal(listeners(3000, join(folder.path, 'nowhere')), undefined);
  });

  it('get the connections to their own address before those that listen on all', () => {
    const all = ['127.0.0.1', '::1', '0.0.0.0', '::'].map((address) => ({ address, port: 1, inode: address }));
    const serving = (address: string, among = all): string[] =>
      servingListeners(among, { address }).map(({ inode }) => inode);
    assert.deepEqual([serving('127.0.0.1'), serving('::1')], [['127.0.0.1'], ['::1']]);
    assert.deepEqual([serving('192.168.1.2'), serving('fe80::1')], [['0.0.0.0'], ['::']]);
    assert.deepEqual(serving('127.0.0.1', all.slice(3)), ['::']);
    assert.deepEqual(serving('::1', all.slice(2, 3)), []);
  });

  it('are held by the processes that have them open', () => {
    using folder = new TemporaryFolder();
    mkdirSync(join(folder.path, '7', 'fd'), { recursive: true });
    symlinkSync('/dev/null', join(folder.path, '7', 'fd', '0'));
    // As one that is closed while the list is read.
    writeFileSync(join(folder.path, '7', 'fd', '1'), '');
    symlinkSync('socket:[11]', join(folder.path, '7', 'fd', '3'));
    assert.deepEqual(heldSockets(7, ['10', '11'], folder.path), ['11']);
    assert.deepEqual([heldSockets(7, ['1'], folder.path), heldSockets(8, ['11'], folder.path)], [[], []]);
  });

  it('have a port of their own, or one that the system hands out', () => {
    using folder = new TemporaryFolder();
    const settings = join(folder.path, 'sys', 'net', 'ipv4');
    mkdirSync(settings, { recursive: true });
    writeFileSync(join(settings, 'ip_local_port_range'), '32768\t60999\n');
    const ports = [8787, 32_767, 32_768, 60_999, 61_000];
    assert.deepEqual(
      ports.map((port) => isEphemeral(port, folder.path)),
      [false, false, true, true, false],
    );
    assert.equal(isEphemeral(40_000, join(folder.path, 'nowhere')), false);
  });
});
