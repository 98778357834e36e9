import { connect } from 'node:net';
import { addressesOf, contactOf, type Contact } from '../../processes/sockets.ts';

/** How long one try may take. */
const tryMs = 2000;

/** Connects to a port on all addresses of a host, and hangs up. @returns where that came about */
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
