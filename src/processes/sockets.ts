import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4, SocketAddress, type Socket } from 'node:net';
import { endianness } from 'node:os';

/** A socket that listens on a TCP port, as proc(5) shows it under /proc/net/tcp and tcp6. */
interface Listener {
  address: string;
  /** Unique while the socket exists. */
  inode: string;
}

/** The sockets that listen on the port, on any address of this machine. Undefined if that cannot be read. */
export function listenersOn(port: number, proc = '/proc'): Listener[] | undefined {
  const tables = ['tcp', 'tcp6'].map((name) => read(`${proc}/net/${name}`));
  // Without IPv6 there is no table tcp6.
  return tables[0] === undefined ? undefined : tables.flatMap((table) => parseListeners(table ?? '', port));
}

/** The listeners that accept connections to this address: on the address itself, else on all of IPv4, else on all. */
export function servingListeners(listeners: readonly Listener[], { address }: Pick<Contact, 'address'>): Listener[] {
  const choices = isIPv4(address) ? [[address, `::ffff:${address}`], ['0.0.0.0'], ['::']] : [[address], ['::']];
  const found = choices.map((names) => listeners.filter((listener) => names.includes(listener.address)));
  return found.find((some) => some.length > 0) ?? [];
}

/** Whether a process has one of these sockets open. False for another user's. */
export function holdsSocket(pid: number, inodes: readonly string[], proc = '/proc'): boolean {
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  try {
    return readdirSync(`${proc}/${pid}/fd`).some((fd) => links.has(readlinkSync(`${proc}/${pid}/fd/${fd}`)));
  } catch {
    return false; // exited meanwhile, or another user's
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

/** @param hex words of 32 bits, each in the byte order of this machine */
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

/** The other end of an established connection. */
export interface Contact {
  address: string;
  port: number;
  /** It is this machine. */
  isLocal: boolean;
}

/** Undefined if it is connected to itself, which happens on ephemeral ports without a listener. */
export function contactOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Contact | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  if (remoteAddress === localAddress && remotePort === localPort) return undefined;
  const isLocal = remoteAddress === localAddress || isLoopback(remoteAddress);
  return { address: remoteAddress, port: remotePort, isLocal };
}

/** The addresses to try for a host: a server on localhost listens on one of two; another server may use the other one. */
export function addressesOf(host: string): string[] {
  const name = withoutBrackets(host);
  return name.toLowerCase() === 'localhost' ? ['127.0.0.1', '::1'] : [name];
}

/** Whether the host is this machine, as far as its name shows without a look-up. */
export function isLocalHost(host: string): boolean {
  const name = withoutBrackets(host);
  return addressesOf(name).every(isLoopback) || name === '0.0.0.0' || name === '::';
}

/** As it stands in a URL. */
export function hostInUrl(host: string): string {
  const name = withoutBrackets(host);
  if (name === '0.0.0.0' || name === '::') return 'localhost';
  return name.includes(':') ? `[${name}]` : name;
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
