import assert from 'node:assert/strict';
import { useHome } from '../../helpers/cli.ts';
import { clientNames, RecordedClient } from '../../helpers/mcpClients.ts';

const listed = 20;
/** Its first line comes at once, its last one after the answer of `start_job`, and neither is in the command itself. */
const talk = 'echo first-$((6*7)); sleep 3; echo last-$((6*7)); exit 3';

/** What the model behind a client reads. */
interface Read {
  start: string;
  wait: string;
  output: string;
  longest: string;
  list: string;
  error: string;
  toolsLength: number;
}

/** Each client sends what it really sent, and its model gets what that client makes of the answers. */
describe('the model behind a recorded client', () => {
  const home = useHome();
  const read = new Map<string, Read>();
  let ids: string[];

  async function converse(name: (typeof clientNames)[number]): Promise<Read> {
    await using client = await RecordedClient.connect(name, home);
    const start = await client.call('start_job', { command: talk });
    const wait = await client.call('wait_for_job', { id: jobId(start) });
    const long = await client.call('start_job', { command: `seq -f 'line %06.0f' 100000`, lookMs: 30_000 });
    const output = await client.call('get_job_output', { id: jobId(long) });
    const longest = await client.call('get_job_output', { id: jobId(long), tail: 100_000, maxChars: 1_000_000 });
    const list = await client.call('list_jobs', { session: 'list' });
    const error = await client.call('get_job_status', { id: 'ffffffff' });
    return { start, wait, output, longest, list, error, toolsLength: client.toolsLength };
  }

  before(async function () {
    this.timeout(120_000);
    ids = [];
    for (let number = 0; number < listed; number++) {
      ids.push((await home.run(['--session', 'list', '--', 'echo', `job ${number}`])).shortId);
    }
    // Few at a time: a job must start and print before its `start_job` is answered.
    const waiting = [...clientNames];
    const lane = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) read.set(name, await converse(name));
    };
    await Promise.all([lane(), lane(), lane()]);
  });

  for (const name of clientNames) {
    describe(name, () => {
      const what = (): Read => {
        const found = read.get(name);
        assert.ok(found, 'its conversation did not come to an end');
        return found;
      };

      it('reads the first output of start_job, once', () => assert.equal(times('first-42', what().start), 1));
      it('reads the last output of wait_for_job, once', () => assert.equal(times('last-42', what().wait), 1));
      it('reads the end of a long output, once', () => {
        for (const line of ['line 099950', 'line 100000']) assert.equal(times(line, what().output), 1, line);
      });

      it('reads the end of an output, once, however much it asks for', () =>
        assert.equal(times('line 100000', what().longest), 1));

      it('reads a list of 20 jobs whole, in few characters', () => {
        for (const id of ids) assert.ok(what().list.includes(id), `job ${id} is not in the list`);
        assert.ok(what().list.length <= 4500, `${what().list.length} characters`);
      });

      it('reads the code of an error', () => assert.match(what().error, /job_not_found/));
      it('gets at most 25 kB of tools', () => assert.ok(what().toolsLength <= 25_000, `${what().toolsLength} bytes`));
    });
  }
});

function jobId(text: string): string {
  return /\b[0-9a-f]{8}\b/.exec(text)?.[0] ?? '';
}

function times(part: string, text: string): number {
  return text.split(part).length - 1;
}
