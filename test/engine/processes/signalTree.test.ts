import assert from 'node:assert/strict';
import { createProcessTable } from '../../../src/processes/platform.ts';
import { signalTree } from '../../../src/processes/killTree.ts';
import { SupervisedRun, until } from '../../helpers/engine/supervisedRun.ts';

const table = createProcessTable();
/** Answers each USR1, and nothing else. */
const answering = (name: string, next = ''): string =>
  `$SIG{USR1} = sub { syswrite STDOUT, "${name}\\n" }; ${next} syswrite STDOUT, "up\\n"; sleep 1000 while 1`;

describe('signalTree', () => {
  it('delivers USR1 once to each process of the command, and to no other', async () => {
    await using run = await SupervisedRun.start(
      (seconds) => [
        'perl',
        '-MPOSIX',
        '-e',
        answering('parent', `fork or do { POSIX::setsid(); ${answering('child')} };`),
        seconds,
      ],
      (started) => started.stdout === 'up\nup\n',
      { holder: true },
    );
    const before = run.alive();
    assert.equal(before.length, 4);
    await signalTree(table, run.target, 'SIGUSR1');
    await until(() => run.stdout.includes('parent') && run.stdout.includes('child'));
    assert.equal(run.stdout.length, 'up\nup\nparent\nchild\n'.length);
    assert.deepEqual(run.alive(), before);
  });

  it('signals no process when none is left', async () => {
    await using run = await SupervisedRun.start(
      () => ['true'],
      (started) => started.exit === 0 && started.alive().length === 0,
    );
    await signalTree({ ...table, signal: () => assert.fail('no process is left') }, run.target, 'SIGUSR1');
  });
});
