import { connect } from 'node:net';
import { addressesOf, contactOf, hostInUrl, type Contact } from './contact.ts';
import { poll } from './poll.ts';
import type { PortClaim } from './portClaim.ts';
import type { Found, ProbeSignals } from './probe.ts';

/** How long one try may take. */
const tryMs = 2000;

/** Until something that is the job's accepts connections. */
export function portProbe(
  { host, port }: { host: string; port: number },
  claim: PortClaim,
  signals: ProbeSignals,
): Promise<Found | undefined> {
  const found: Found = { text: `${host}:${port} accepts connections`, url: `http://${hostInUrl(host)}:${port}` };
  return poll(async (abort) => {
    const contacts = await Promise.all(addressesOf(host).map((address) => tryConnect(address, port, abort)));
    const isOurs = await claim.covers(contacts.filter((contact) => contact !== undefined));
    return isOurs ? found : undefined;
  }, signals);
}

/** Connects and hangs up. */
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
