import { connectTo, type PortClaim } from './portClaim.ts';
import { hostInUrl, addressesOf, contactOf, withoutBrackets, type Contact } from '../../processes/sockets.ts';
import { poll, type Found, type ProbeSignals } from './probe.ts';
import { isIP } from 'node:net';
import { urlToHttpOptions } from 'node:url';

/** Waits until a listener of the job accepts connections. */
export function portProbe(
  { host, port }: { host: string; port: number },
  claim: PortClaim,
  signals: ProbeSignals,
): Promise<Found | undefined> {
  const found: Found = { text: `${host}:${port} accepts connections`, url: `http://${hostInUrl(host)}:${port}` };
  const look = async (abort: AbortSignal): Promise<Found | undefined> =>
    (await claim.covers(await connectTo(host, port, abort))) ? found : undefined;
  return poll(look, signals);
}

/** How long one attempt may take (milliseconds): many servers build their first page on request. */
const tryMs = 5000;

interface Answer {
  contact: Contact;
  status: number;
}

/** Waits until a server of the job answers with 200 to 399. Redirects count as answers and are not followed. */
export function urlProbe(url: string, claim: PortClaim, signals: ProbeSignals): Promise<Found | undefined> {
  const target = new URL(url);
  return poll(async (abort) => {
    const answers = await Promise.all(addressesOf(target.hostname).map((address) => tryGet(target, address, abort)));
    const good = answers.filter((answer) => answer !== undefined && answer.status >= 200 && answer.status < 400);
    const [first] = good;
    const isOurs = await claim.covers(good.flatMap((answer) => answer?.contact ?? []));
    return isOurs && first ? { text: `${url} answers ${first.status}`, url } : undefined;
  }, signals);
}

/** On a separate connection without any proxy; the body is not read. */
async function tryGet(target: URL, address: string, abort: AbortSignal): Promise<Answer | undefined> {
  // Loading TLS takes 3 MB of memory, so it is done only when needed.
  const { request } = target.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const name = withoutBrackets(target.hostname);
  return new Promise((resolve) => {
    const asked = request({
      ...urlToHttpOptions(target),
      host: address,
      hostname: address,
      // TLS takes names, not addresses.
      servername: isIP(name) === 0 ? name : '',
      headers: { host: target.host, accept: '*/*' },
      agent: false,
      // It only has to answer; servers under development use self-signed certificates.
      rejectUnauthorized: false,
      signal: AbortSignal.any([abort, AbortSignal.timeout(tryMs)]),
    });
    asked.on('response', (response) => {
      const contact = contactOf(response.socket);
      response.destroy();
      resolve(contact && { contact, status: response.statusCode ?? 0 });
    });
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}
