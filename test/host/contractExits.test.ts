import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { useHome, type CliOptions } from '../helpers/cli.ts';

/** What scripts rely on: the exit codes of `bgjobs`. */
describe('the contract of exit codes', () => {
  const home = useHome();
  const unknown = 'ffffffff';
  const elsewhere = { env: { BGJOBS_HOME: '/dev/null/home' } };
  let ended = '';
  let running = '';
  let held = '';

  before(async () => {
    writeFileSync(join(home.path, 'no-program'), '', { mode: 0o644 });
    await home.json(['limits', '--session', 'full=1']);
    held = (await home.run(['--hold', '--', 'true'])).id;
    ended = (await home.ended((await home.run(['--', 'true'])).id)).id;
    running = (await home.run(['--session', 'full', '--stdin', 'pipe', '--', 'sleep', '600'])).id;
    await home.reaches(running, 'running');
  });

  /** By code: command lines that end with it, where ENDED, RUNNING, HELD and UNKNOWN are ids. */
  const expected: [code: number, lines: string[], options?: CliOptions][] = [
    [0, ['list', 'status ENDED', 'wait ENDED', 'output ENDED', 'kill ENDED', 'queue', 'limits', 'metrics', '--help']],
    [0, ['host status', 'host status --json', 'mcp --help'], elsewhere],
    [
      2,
      ['', 'nonsense', 'status', 'run', 'run --nonsense -- true', 'run --priority 11 -- true', 'list --status asleep'],
    ],
    [
      2,
      ['kill ENDED --signal NONE', 'run --cwd /no/such/folder -- true', 'run --timeout soon -- true', 'host', 'kill'],
    ],
    [2, ['move HELD sideways', 'run --cron never -- true', 'run --after UNKNOWN -- true', 'output ENDED --grep (']],
    [3, ['status UNKNOWN', 'inspect UNKNOWN', 'output UNKNOWN', 'wait UNKNOWN', 'kill UNKNOWN', 'pause UNKNOWN']],
    [3, ['resume UNKNOWN', 'restart UNKNOWN', 'input UNKNOWN x', 'release UNKNOWN', 'hold UNKNOWN', 'remove UNKNOWN']],
    [3, ['move UNKNOWN up', 'update UNKNOWN --pin', 'continue UNKNOWN -- x', 'agent-events UNKNOWN']],
    [3, ['output ENDED --run 9', 'kill RUNNING --run 9', 'pause RUNNING UNKNOWN', 'events --job UNKNOWN']],
    [4, ['pause ENDED', 'resume ENDED', 'release ENDED', 'hold RUNNING', 'remove RUNNING', 'input ENDED x']],
    [4, ['kill HELD', 'move ENDED up', 'update ENDED --priority 3', 'continue ENDED -- x']],
    [5, ['list', 'run -- true', 'status 1234', 'kill --all', 'queue', 'serve'], elsewhere],
    [6, ['run --session full --if-full reject -- true']],
    [124, ['wait RUNNING --timeout 10ms', 'wait HELD --timeout 10ms', 'wait RUNNING --for /x/ --timeout 10ms']],
    [1, ['wait ENDED --for /never/', 'run --ready-when file:never --ready-timeout 10ms --wait-ready -- sleep 600']],
    // The job's own.
    [0, ['run --wait -- true', 'run --wait --json -- true']],
    [1, ['run --wait -- false']],
    [42, ['run --wait --shell exit\t42', 'run --wait --json --shell exit\t42']],
    [126, ['run --wait -- ./no-program', 'run --wait -- /']],
    [127, ['run --wait -- no-such-program']],
    [130, ['run --wait --shell kill\t-INT\t$$']],
    [137, ['run --wait --shell kill\t-KILL\t$$']],
    [143, ['run --wait --timeout 50ms -- sleep 600']],
  ];

  for (const [code, lines, options] of expected) {
    it(`${code}: ${lines.join(', ').replaceAll('\t', ' ')}${options ? ', without a host' : ''}`, async () => {
      const ids: Record<string, string> = { ENDED: ended, RUNNING: running, HELD: held, UNKNOWN: unknown };
      const codes = await Promise.all(
        lines.map(async (line) => {
          const words = line.split(' ').filter((word) => word !== '');
          const result = await home.bgjobs(
            words.map((word) => ids[word] ?? word.replaceAll('\t', ' ')),
            options,
          );
          return [line, result.code, result.code === code ? '' : result.stdout + result.stderr];
        }),
      );
      assert.deepEqual(
        codes,
        lines.map((line) => [line, code, '']),
      );
    });
  }
});
