import type { JobService } from '../api/endpoints.ts';
import type { HostInfo } from '../api/host.ts';
import { telemetryBundle } from '../bundles.ts';
import type { Log } from '../dataDir/hostLog.ts';
import type * as Main from '../deliveries/telemetry.ts';

/** What telemetry needs of an engine. */
interface Observable extends JobService {
  close(): Promise<void>;
}

/** The engine, of whose jobs a collector of OpenTelemetry is told, if the settings name one. Else nothing is loaded. */
export async function withTelemetry<Of extends Observable>(engine: Of, version: string, log: Log): Promise<Of> {
  let telemetry: Main.Telemetry | undefined;
  let current = '';
  /** One change after the other. */
  let changing = Promise.resolve();

  async function use(endpoint: string): Promise<void> {
    if (endpoint === current) return;
    await telemetry?.close();
    telemetry = undefined;
    current = endpoint;
    if (endpoint === '') return;
    const { Telemetry } = (await import(telemetryBundle())) as typeof Main;
    telemetry = new Telemetry({ service: engine, endpoint, version, warn: log.warn });
  }

  function change(read: () => Promise<HostInfo> | HostInfo): Promise<void> {
    changing = changing
      .then(async () => use((await read()).settings.otlpEndpoint))
      .catch((error: unknown) => log.error('telemetry cannot be sent', error));
    return changing;
  }

  await change(() => engine.getHost());
  const own: Partial<JobService> & Pick<Observable, 'close'> = {
    updateHost: async (update) => {
      const info = await engine.updateHost(update);
      await change(() => info);
      return info;
    },
    close: async () => {
      await telemetry?.close();
      await engine.close();
    },
  };
  return Object.assign(Object.create(engine) as Of, own);
}
