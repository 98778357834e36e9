import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { endianness } from 'node:os';
import { isIPv4, SocketAddress } from 'node:net';
import type { Contact } from './contact.ts';

/** A socket that listens on a TCP port, as proc(5) shows it under /proc/net/tcp and tcp6. */
export interface Listener {
  address: string;
  /** The socket's number, which no other has while it lives. */
  inode: string;
}

/** Whoever listens on the port, on any address of this machine. Undefined where that cannot be read. */
export function listenersOn(port: number, proc = '/proc'): Listener[] | undefined {
  const tables = ['tcp', 'tcp6'].map((name) => read(`${proc}/net/${name}`));
  // Without IPv6 there is no table of it.
  return tables[0] === undefined ? undefined : tables.flatMap((table) => parseListeners(table ?? '', port));
}

/** Those who get the connections to this address: on that very one, else on all of IPv4, else on all. */
export function servingListeners(listeners: readonly Listener[], { address }: Pick<Contact, 'address'>): Listener[] {
  const choices = isIPv4(address) ? [[address, `::ffff:${address}`], ['0.0.0.0'], ['::']] : [[address], ['::']];
  const found = choices.map((names) => listeners.filter((listener) => names.includes(listener.address)));
  return found.find((some) => some.length > 0) ?? [];
}

/** Whether a process has one of these sockets open. False of another user's. */
export function holdsSocket(pid: number, inodes: readonly string[], proc = '/proc'): boolean {
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  try {
    return readdirSync(`${proc}/${pid}/fd`).some((fd) => links.has(readlinkSync(`${proc}/${pid}/fd/${fd}`)));
  } catch {
    return false; // gone meanwhile, or another user's
  }
}

const listening = '0A';

function parseListeners(table: string, port: number): Listener[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== listening || inode === undefined || !local.endsWith(suffix)) return [];
    return { address: parseAddress(local.slice(0, -suffix.length)), inode };
  });
}

/** @param hex words of 32 bits, each in the order of this machine */
function parseAddress(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') bytes.swap32();
  if (bytes.length === 4) return [...bytes].join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
