import type { JobService } from '../api/endpoints.ts';
import { telemetryBundle } from '../bundles.ts';
import type { Log } from '../dataDir/hostLog.ts';
import type * as Main from '../deliveries/telemetry.ts';
import { oneByOne } from './oneByOne.ts';

/** What telemetry needs of an engine. */
interface Observable extends JobService {
  close(): Promise<void>;
}

/**
 * The engine, of whose jobs a collector of OpenTelemetry is told, if the settings name one. Else nothing is loaded.
 * @param first the collector of the settings; empty for none
 */
export async function withTelemetry<Of extends Observable>(
  engine: Of,
  first: string,
  version: string,
  log: Log,
): Promise<Of> {
  let telemetry: Main.Telemetry | undefined;
  let current = '';

  async function use(endpoint: string): Promise<void> {
    if (endpoint === current) return;
    await telemetry?.close();
    telemetry = undefined;
    current = endpoint;
    if (endpoint === '') return;
    const { Telemetry } = (await import(telemetryBundle())) as typeof Main;
    telemetry = new Telemetry({ service: engine, endpoint, version, warn: log.warn });
  }

  const change = oneByOne(use, (error) => log.error('telemetry cannot be sent', error));
  await change(first);
  const own: Partial<JobService> & Pick<Observable, 'close'> = {
    updateHost: async (update) => {
      const info = await engine.updateHost(update);
      await change(info.settings.otlpEndpoint);
      return info;
    },
    close: async () => {
      await telemetry?.close();
      await engine.close();
    },
  };
  return Object.assign(Object.create(engine) as Of, own);
}
