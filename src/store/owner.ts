import type { DatabaseSync } from 'node:sqlite';
import { BgJobsError } from '../api/errors.ts';
import type { ProcessIdentity } from '../processes/processSource.ts';
import { Table, transaction, unlessFull } from './database.ts';

/**
 * The process that has the store open, recorded in the store itself: a lock file can be removed under its holder. Processes
 * of another container cannot be seen, so there the lock file is all there is.
 */
export class StoreOwner extends Table {
  constructor(database: DatabaseSync) {
    super(database);
  }

  /**
   * @param self undefined if this process cannot be identified
   * @throws BgJobsError `host_unreachable`, details `{pid}`: another process has the store open
   */
  claim(self: ProcessIdentity | undefined, isAlive: (owner: ProcessIdentity) => boolean): void {
    transaction(this.database, () => {
      const owner = this.#read();
      if (owner && owner.pid !== self?.pid && isAlive(owner)) {
        const text = `Process ${owner.pid} has the store open. Stop it with \`bgjobs host stop\`, or end it, and try again.`;
        throw new BgJobsError('host_unreachable', text, { pid: owner.pid });
      }
      this.run('DELETE FROM owner');
      if (self) this.run('INSERT INTO owner (process) VALUES (?)', JSON.stringify(self));
    });
  }

  /** For a process that goes on without the store. */
  release(): void {
    unlessFull(() => this.run('DELETE FROM owner'));
  }

  #read(): ProcessIdentity | undefined {
    const row = this.get<{ process: string }>('SELECT process FROM owner');
    try {
      return row && (JSON.parse(row.process) as ProcessIdentity);
    } catch {
      return undefined;
    }
  }
}
