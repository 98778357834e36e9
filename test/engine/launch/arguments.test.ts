import fc from 'fast-check';
import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { RunnerFixture, supervisions, type Ran } from '../../helpers/engine/runnerFixture.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((part) => !part.includes('\0'));
const shellWords = fc.constantFrom(
  '',
  "'",
  '"',
  '\\',
  '$HOME',
  '`id`',
  '; echo X',
  'a  b',
  '\n',
  '*',
  '--',
  '-n',
  '~',
  '!',
);

for (const supervision of supervisions) {
  const numRuns = supervision.node ? 2 : 40;

  describe(`the arguments under ${supervision.name}`, () => {
    it('arrive byte for byte', async () => {
      await using test = new RunnerFixture(supervision);
      const list = fc.array(fc.oneof(shellWords, text), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(list, async (args) => {
          const written = await test.output({ argv: ['printf', '%s\\0', ...args] });
          assert.deepEqual(written, Buffer.from(args.map((arg) => `${arg}\0`).join('')));
        }),
        { numRuns },
      );
    });

    it('are those of a program, though a shell has a builtin of that name', async () => {
      await using test = new RunnerFixture(supervision);
      // The shell's own echo knows other options, its own test other operators, and it has no --version.
      for (const name of supervision.node ? ['echo'] : ['printf', 'echo', 'kill', 'pwd']) {
        assert.match((await test.output({ argv: [name, '--version'] })).toString(), /\d\.\d/, name);
      }
      for (const name of ['exit', 'cd', 'exec', 'trap', 'export']) {
        await assert.rejects(test.start({ argv: [name, '/'] }), { code: 'command_not_found' }, name);
      }
    });

    it('of a shell line are the line, for the shell that was asked for', async () => {
      await using test = new RunnerFixture(supervision);
      const line = 'echo "$0" \'a  b\' | tr a-z A-Z; exit 0';
      const written = await test.output({ argv: undefined, command: line, shell: '/bin/sh' });
      assert.equal(written.toString(), '/BIN/SH A  B\n');
    });

    it('are no option of the supervising shell', async () => {
      await using test = new RunnerFixture(supervision);
      assert.equal((await test.output({ argv: ['printf', '%s|', '--', '-c', '-x'] })).toString(), '--|-c|-x|');
    });
  });
}

describe('the supervisor', () => {
  for (const supervision of supervisions) {
    it(`is the one that was meant: ${supervision.name}`, async () => {
      await using test = new RunnerFixture(supervision);
      const { process: run }: Ran = await test.sh('sleep 60');
      assert.match(readlinkSync(`/proc/${run.supervisor.pid}/exe`), new RegExp(`/${supervision.name.split(',')[0]}$`));
    });
  }
});
