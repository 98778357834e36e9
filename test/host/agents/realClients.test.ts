import assert from 'node:assert/strict';
import type { ClientName } from '../../../scripts/agents/clients.ts';
import { install } from '../../../scripts/agents/install.ts';
import { toolCells } from '../../../scripts/agents/scenarios.ts';
import { scripts } from '../../../scripts/agents/scripts.ts';
import { Session } from '../../../scripts/agents/session.ts';
import { bundledCli } from '../../helpers/bundle.ts';

/** Those that install and run in seconds. `npm run agents` runs all. */
const names: ClientName[] = ['codex', 'continue'];

/** They fail if npm cannot install a client that was not installed before. */
describe('the model behind a real client', function () {
  this.timeout(180_000);
  const installed = names.map((name) => install(name));
  before(() => Promise.allSettled(installed));

  for (const [index, name] of names.entries()) {
    it(`${name} reads what the tools answer`, async () => {
      await installed[index];
      await using session = await Session.open(name, { approve: true, scripts, cli: await bundledCli() });
      const cells = await toolCells(session, 'start');
      const wrong = Object.entries(cells).filter(([, { ok }]) => !ok);
      assert.deepEqual(wrong, []);
    });
  }
});
