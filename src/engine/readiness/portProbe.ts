import { connectTo } from './connectTo.ts';
import { hostInUrl } from '../../processes/sockets.ts';
import { poll } from './pollUntil.ts';
import type { PortClaim } from './portClaim.ts';
import type { Found, ProbeSignals } from './probe.ts';

/** Until something that is the job's accepts connections. */
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
