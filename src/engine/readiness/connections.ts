import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressesOf, contactOf, hostInUrl, type Contact } from '../../processes/sockets.ts';

/** How long one attempt may take (milliseconds). */
const tryMs = 2000;

/** Connects to a port on all addresses of a host, and disconnects. @returns the connections that succeeded */
export async function connectTo(host: string, port: number, abort: AbortSignal): Promise<Contact[]> {
  const contacts = await Promise.all(addressesOf(host).map((address) => tryConnect(address, port, abort)));
  return contacts.filter((contact) => contact !== undefined);
}

function tryConnect(host: string, port: number, abort: AbortSignal): Promise<Contact | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (contact?: Contact): void => {
      abort.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(contact);
    };
    const giveUp = (): void => end();
    abort.addEventListener('abort', giveUp);
    socket.setTimeout(tryMs, giveUp);
    socket.on('error', giveUp);
    socket.on('connect', () => end(contactOf(socket)));
  });
}

/** The address of a server for a browser. */
export interface ServerUrl {
  /** Null if it does not speak HTTP, or has not answered yet. */
  url: string | null;
  /** The same, once a server has answered that takes its time. */
  later?: Promise<string | null>;
}

/** How long readiness waits for the answer, and how long the answer may take: servers build their first page on request. */
const answerMs = { waited: 1000, longest: 60_000 };

/** Asks a server once whether it speaks HTTP. @param host as it is to be shown */
export async function httpUrl({ address, port }: Contact, host: string): Promise<ServerUrl> {
  const later = speaksHttp(address, port).then((speaks) => (speaks ? `http://${hostInUrl(host)}:${port}` : null));
  const url = await Promise.race([later, sleep(answerMs.waited, undefined, { ref: false })]);
  return url === undefined ? { url: null, later } : { url };
}

/** An HTTP server says nothing before the request is whole (milliseconds). */
const silentMs = 100;

/**
 * Whatever answers the first line of a request is another kind of server. It does not see the rest: Redis takes a line
 * that begins with "Host:" for an attack, and says so in its log.
 */
function speaksHttp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }).unref();
    const rest = (): unknown => socket.write(`Host: ${hostInUrl(host)}:${port}\r\nConnection: close\r\n\r\n`);
    let timer: NodeJS.Timeout | undefined;
    const end = (speaks: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(speaks);
    };
    socket.setTimeout(answerMs.longest, () => end(false));
    socket.on('connect', () => {
      socket.write('GET / HTTP/1.1\r\n');
      timer = setTimeout(rest, silentMs);
    });
    socket.on('data', (data) => end(data.toString('latin1').startsWith('HTTP/')));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
}
