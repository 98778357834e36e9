import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4, SocketAddress, type Socket } from 'node:net';
import { endianness } from 'node:os';

/** A socket that listens on a TCP port, as proc(5) shows it under /proc/net/tcp and tcp6. */
export interface Listener {
  address: string;
  port: number;
  /** Unique while the socket exists. */
  inode: string;
}

/**
 * The sockets that listen on any address of this machine, in the order in which they were created.
 * @param port only those on this port
 * @returns undefined if they cannot be read
 */
export function listeners(port?: number, proc = '/proc'): Listener[] | undefined {
  const tables = ['tcp', 'tcp6'].map((name) => read(`${proc}/net/${name}`));
  if (tables[0] === undefined) return undefined;
  // Without IPv6 there is no table tcp6.
  const found = tables.flatMap((table) => parseListeners(table ?? '', port));
  return found.sort((a, b) => Number(a.inode) - Number(b.inode));
}

/** Whether the system hands out the port to sockets that ask for any, so that it is hardly the address of a server. */
export function isEphemeral(port: number, proc = '/proc'): boolean {
  const [low = NaN, high = NaN] = (read(`${proc}/sys/net/ipv4/ip_local_port_range`) ?? '').split(/\s+/).map(Number);
  return port >= low && port <= high;
}

/** The listeners that accept connections to this address: on the address itself, else on all of IPv4, else on all. */
export function servingListeners(among: readonly Listener[], { address }: Pick<Contact, 'address'>): Listener[] {
  const choices = isIPv4(address) ? [[address, `::ffff:${address}`], ['0.0.0.0'], ['::']] : [[address], ['::']];
  const found = choices.map((names) => among.filter((listener) => names.includes(listener.address)));
  return found.find((some) => some.length > 0) ?? [];
}

/** Those of the sockets that a process has open. None for another user's. */
export function heldSockets(pid: number, inodes: readonly string[], proc = '/proc'): string[] {
  try {
    const links = new Set(readdirSync(`${proc}/${pid}/fd`).map((fd) => linkOf(`${proc}/${pid}/fd/${fd}`)));
    return inodes.filter((inode) => links.has(`socket:[${inode}]`));
  } catch {
    return []; // exited meanwhile, or another user's
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // closed meanwhile
  }
}

const listening = '0A';

function parseListeners(table: string, wanted?: number): Listener[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== listening || inode === undefined) return [];
    const [address = '', hex = ''] = local.split(':');
    const port = Number.parseInt(hex, 16);
    return wanted === undefined || wanted === port ? { address: parseAddress(address), port, inode } : [];
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
