import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { singleQuoted } from '../../src/text/quoting.ts';
import { bundledCli } from '../helpers/bundle.ts';
import { processesOf, useHome } from '../helpers/cli.ts';

interface ShellUnderTest {
  /** Starts it with the completion, on a terminal. */
  readonly command: string;
  /** The file that it loads when it starts. It says when it is ready. */
  readonly file: string;
  readonly setup: string;
  /** Completes the line, and prints each of its words in angle brackets, and a full stop. */
  readonly keys: string;
}

/** The shells that read a line from a terminal, so that completion is tested as it is used. */
const shells: Record<string, ShellUnderTest> = {
  bash: {
    command: 'bash --noprofile --rcfile "$SETUP/bashrc" -i',
    file: 'bashrc',
    setup: `bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
source <(bgjobs completion bash)
PS1='ready> '
`,
    // Control-A and control-E move the cursor to the beginning and the end of the line.
    keys: "\t\u0001printf '<%s>' \u0005; echo .\n",
  },
  zsh: {
    command: 'ZDOTDIR="$SETUP" zsh -i',
    file: '.zshrc',
    setup: `autoload -Uz compinit && compinit -u -D
source <(bgjobs completion zsh)
complete-and-print() {
  zle expand-or-complete
  printf '\\n'
  printf '<%s>' "\${(@Q)\${(z)BUFFER}}"
  printf '.\\n'
}
zle -N complete-and-print
bindkey '^T' complete-and-print
PS1='ready> '
`,
    keys: '\u0014',
  },
};

/** Skips the tests of a shell that is not there. */
function needs(shell: string): Mocha.HookFunction {
  return function (this: Mocha.Context) {
    if (!spawnSync(shell, ['--version']).error) return;
    console.log(`      ${shell} is not installed`);
    this.skip();
  };
}

describe('completion in a shell', () => {
  const home = useHome();
  let folder: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bj-shell-'));
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const words = [process.execPath, await bundledCli()].map(singleQuoted).join(' ');
    writeFileSync(join(bin, 'bgjobs'), `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(join(bin, 'bgjobs'), 0o755);
    writeFileSync(join(folder, 'variables.env'), '');
    mkdirSync(join(folder, 'variants'));
    env = {
      PATH: [bin, process.env['PATH']].join(delimiter),
      HOME: folder,
      SETUP: folder,
      TERM: 'dumb',
      BGJOBS_HOME: home.path,
    };
    for (const { file, setup } of Object.values(shells)) writeFileSync(join(folder, file), setup);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** The words of a line after the tab key was pressed at its end. */
  async function pressTab(shell: ShellUnderTest, line: string): Promise<string[]> {
    const child = spawn('script', ['-qec', shell.command, '/dev/null'], { cwd: folder, env });
    let shown = '';
    const shows = async (text: string | RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const match = new RegExp(text).exec(shown);
        if (match) return match;
        const [data] = (await once(child.stdout, 'data', { signal: AbortSignal.timeout(60_000) })) as [Buffer];
        shown += data.toString();
      }
    };
    await shows('ready> ');
    child.stdin.write(line + shell.keys);
    const [, words = ''] = await shows(/\n((?:<[^<>]*>)+)\./);
    // The shell ends with its terminal.
    child.kill('SIGKILL');
    await once(child, 'close');
    return words.slice(1, -1).split('><');
  }

  for (const [name, shell] of Object.entries(shells)) {
    describe(name, () => {
      before(needs(name));

      it('completes verbs, options and their values', async () => {
        assert.deepEqual(await pressTab(shell, 'bgjobs inspe'), ['bgjobs', 'inspect']);
        assert.deepEqual(await pressTab(shell, 'bgjobs list --sched'), ['bgjobs', 'list', '--schedule']);
        assert.deepEqual(await pressTab(shell, 'bgjobs kill --signal K'), ['bgjobs', 'kill', '--signal', 'KILL']);
        assert.deepEqual(await pressTab(shell, 'bgjobs list --status=ti'), ['bgjobs', 'list', '--status=timed_out']);
      });

      it('completes files, folders and the command of a job', async () => {
        assert.deepEqual((await pressTab(shell, 'bgjobs run --env-file variables.')).at(-1), 'variables.env');
        assert.deepEqual((await pressTab(shell, 'bgjobs run --cwd var')).at(-1)?.replace(/\/$/, ''), 'variants');
        assert.deepEqual((await pressTab(shell, 'bgjobs run -- mkfif')).at(-1), 'mkfifo');
        assert.deepEqual((await pressTab(shell, 'bgjobs run -- cat variables.')).at(-1), 'variables.env');
      });

      it('completes jobs by id and by name, and sessions, as they must be typed', async () => {
        const server = ['--name', `${name} server`, '--session', "Ann's jobs", '--', 'sleep', '600'];
        const { id, shortId } = await home.run(server);
        assert.deepEqual(await pressTab(shell, `bgjobs status ${id.slice(0, 5)}`), ['bgjobs', 'status', shortId]);
        assert.deepEqual(await pressTab(shell, `bgjobs status ${name}`), ['bgjobs', 'status', `${name} server`]);
        assert.deepEqual(await pressTab(shell, `bgjobs run --after ${shortId}:su`), [
          'bgjobs',
          'run',
          '--after',
          `${shortId}:succeeded`,
        ]);
        assert.deepEqual(await pressTab(shell, 'bgjobs list --session Ann'), [
          'bgjobs',
          'list',
          '--session',
          "Ann's jobs",
        ]);
        const another = await home.run(server);
        assert.deepEqual(await pressTab(shell, `bgjobs status ${name}`), ['bgjobs', 'status', `${name} server`]);
        await home.bgjobs(['kill', id, another.id]);
        assert.deepEqual(await pressTab(shell, `bgjobs kill ${id.slice(0, 5)}`), ['bgjobs', 'kill', id.slice(0, 5)]);
      });
    });
  }

  describe('fish', () => {
    before(needs('fish'));

    /** Fish itself tells what it would offer at the end of a line. */
    const offered = (line: string): string[] => {
      const script = `bgjobs completion fish | source; complete -C "$LINE"`;
      return execFileSync('fish', ['--no-config', '-c', script], {
        cwd: folder,
        env: { ...env, LINE: line },
        encoding: 'utf8',
      })
        .split('\n')
        .slice(0, -1);
    };

    it('offers verbs, options, values, files and folders, with descriptions', () => {
      assert.deepEqual(offered('bgjobs inspe'), ['inspect\tshow the running processes of a job']);
      assert.deepEqual(offered('bgjobs list --sched'), ['--schedule\tonly jobs started by this schedule']);
      assert.deepEqual(offered('bgjobs list --status=ti'), ['--status=timed_out']);
      assert.deepEqual(offered('bgjobs run --env-file variables.'), ['variables.env']);
      assert.match(offered('bgjobs run --cwd var').join(), /^variants\//);
      assert.match(offered('bgjobs run -- cat variables.').join(), /^variables\.env/);
    });

    it('offers jobs and sessions', async () => {
      const { id, shortId } = await home.run(['--name', 'fish food', '--session', "Ann's fish", '--', 'sleep', '600']);
      assert.deepEqual(offered(`bgjobs kill ${id.slice(0, 5)}`), [`${shortId}\trunning  fish food`]);
      assert.deepEqual(offered("bgjobs list --session Ann\\'s\\ f"), ["Ann's fish"]);
      await home.bgjobs(['kill', id]);
    });
  });

  describe('PowerShell', () => {
    before(needs('pwsh'));

    const offered = (line: string): string[] => {
      const script =
        'bgjobs completion powershell | Out-String | Invoke-Expression; ' +
        `(TabExpansion2 '${line}' ${line.length}).CompletionMatches | ForEach-Object { $_.CompletionText }`;
      return execFileSync('pwsh', ['-NoProfile', '-Command', script], { cwd: folder, env, encoding: 'utf8' })
        .split(/\r?\n/)
        .slice(0, -1);
    };

    it('offers verbs, options, values and jobs', async () => {
      assert.deepEqual(offered('bgjobs inspe'), ['inspect']);
      assert.deepEqual(offered('bgjobs list --sched'), ['--schedule']);
      assert.deepEqual(offered('bgjobs kill --signal K'), ['KILL']);
      const { id, shortId } = await home.run(['--name', 'power', '--', 'sleep', '600']);
      assert.deepEqual(offered(`bgjobs kill ${id.slice(0, 5)}`), [shortId]);
      assert.deepEqual(offered('bgjobs kill pow'), ['power']);
      await home.bgjobs(['kill', id]);
    });
  });

  it('starts no job host, and is silent without one', async () => {
    const elsewhere = join(folder, 'home');
    const result = await home.bgjobs(['__complete', 'fish', '', 'kill'], { env: { BGJOBS_HOME: elsewhere } });
    assert.deepEqual([result.code, result.stdout, result.stderr], [0, '', '']);
    assert.deepEqual(processesOf(elsewhere), []);
  });
});
