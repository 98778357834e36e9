import { join } from 'node:path';
import type { JobService } from '../api/endpoints.ts';
import type { Hook } from '../api/hooks.ts';
import { deliveriesBundle } from '../bundles.ts';
import type { Log } from '../dataDir/hostLog.ts';
import type * as Main from '../deliveries/main.ts';
import { oneByOne } from './oneByOne.ts';

/** What hooks need of an engine. */
interface Hookable extends JobService {
  isIdle(): boolean;
  close(): Promise<void>;
  noteDelivery(jobId: string, text: string): void;
}

interface Options {
  /** Those of the settings. */
  readonly hooks: readonly Hook[];
  readonly home: string;
  readonly log: Log;
  readonly onIdleChanged: () => void;
}

/** The engine, whose hooks are told what happens to its jobs. Without hooks nothing is loaded and nothing follows. */
export async function withHooks<Of extends Hookable>(engine: Of, options: Options): Promise<Of> {
  const { hooks: first, home, log, onIdleChanged } = options;
  let deliveries: Main.Deliveries | undefined;

  async function use(hooks: readonly Hook[]): Promise<void> {
    if (!deliveries) {
      if (hooks.length === 0) return;
      const main = (await import(deliveriesBundle())) as typeof Main;
      const { next: newest } = await engine.getEvents();
      const path = join(home, 'hooks.json');
      const note = (jobId: string, text: string): void => engine.noteDelivery(jobId, text);
      deliveries = new main.Deliveries({ service: engine, newest, path, note, warn: log.warn, onIdleChanged });
    }
    await deliveries.use(hooks);
  }

  const change = oneByOne(use, (error) => log.error('hooks cannot be told', error));
  await change(first);
  const own: Partial<JobService> & Pick<Hookable, 'isIdle' | 'close'> = {
    isIdle: () => engine.isIdle() && (deliveries?.isIdle ?? true),
    updateHost: async (update) => {
      const info = await engine.updateHost(update);
      if (update?.hooks) await change(info.settings.hooks);
      return info;
    },
    testHook: async (name) => {
      const found = await deliveries?.test(name);
      return found ?? (await engine.testHook(name));
    },
    close: async () => {
      await deliveries?.close();
      await engine.close();
    },
  };
  return Object.assign(Object.create(engine) as Of, own);
}
