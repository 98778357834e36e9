import { checkHistory } from '../helpers/historyChecks.ts';

const seed = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
const count = 100;
const steps = 12;
/** They mostly wait. */
const atOnce = 5;

describe(`${count} short histories in which hosts, supervisors and clients are killed (TEST_SEED=${seed})`, function () {
  this.timeout(300_000);
  this.retries(0);

  it('lose no job, run none twice, and tell how each has ended', async () => {
    const seeds = Array.from({ length: count }, (_, index) => seed + index).values();
    const work = async (): Promise<void> => {
      for (const each of seeds) await checkHistory(each, steps);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  });
});
