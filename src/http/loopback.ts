import { once } from 'node:events';
import type { Server, ServerOptions } from 'node:http';
import { isIPv4, type AddressInfo } from 'node:net';
import { BgJobsError } from '../api/errors.ts';

export type TimeLimits = Pick<
  ServerOptions,
  'headersTimeout' | 'requestTimeout' | 'keepAliveTimeout' | 'connectionsCheckingInterval'
>;

/** Any process of the machine can connect: do not wait for one that sends nothing or next to nothing. */
export const loopbackTimeLimits: TimeLimits = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 5000,
};

/**
 * @param host an address of this machine that other machines cannot reach, or `localhost`
 * @returns the address as IPv4 or IPv6
 * @throws BgJobsError `invalid_request` for any other
 */
export function loopbackAddress(host: string): string {
  if (host === 'localhost') return '127.0.0.1';
  if (host === '::1' || (isIPv4(host) && host.startsWith('127.'))) return host;
  const message = `"${host}" is not a loopback address. Use 127.0.0.1, ::1 or localhost.`;
  throw new BgJobsError('invalid_request', message);
}

/**
 * @param address see {@link loopbackAddress}
 * @param port 0 for any free port
 * @returns the URL
 * @throws BgJobsError `internal` when the port cannot be used
 */
export async function listenOnLoopback(server: Server, address: string, port: number): Promise<string> {
  server.listen(port, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    const hint = 'Use another --port, or omit it to use a free port.';
    throw new BgJobsError('internal', `${(error as Error).message}. ${hint}`);
  }
  const { port: given } = server.address() as AddressInfo;
  return `http://${address.includes(':') ? `[${address}]` : address}:${given}`;
}
