import { isIPv4, type Socket } from 'node:net';

/** The other end of a connection that came about. */
export interface Contact {
  address: string;
  port: number;
  /** It is this very machine. */
  isLocal: boolean;
}

/** Undefined: it is connected with itself, which happens to ports of the range for clients when nobody listens. */
export function contactOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): Contact | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  if (remoteAddress === localAddress && remotePort === localPort) return undefined;
  const isLocal = remoteAddress === localAddress || isLoopback(remoteAddress);
  return { address: remoteAddress, port: remotePort, isLocal };
}

/** The addresses to try for a host: a server on localhost listens on one of two, and another's may be on the other. */
export function addressesOf(host: string): string[] {
  const name = withoutBrackets(host);
  return name.toLowerCase() === 'localhost' ? ['127.0.0.1', '::1'] : [name];
}

/** Whether it is this machine without asking anybody for the address. */
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
