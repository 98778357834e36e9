import assert from 'node:assert/strict';
import { judge } from '../../../../src/agents/policy/judge.ts';
import { allowedLines } from './allowedLines.ts';
import { askedLines } from './askedLines.ts';
import { deniedLines } from './deniedLines.ts';
import { judgeInSh, rules } from './rules.ts';

const lines = { allow: allowedLines, ask: askedLines, deny: deniedLines };

describe('the verdict on a shell line', () => {
  for (const expected of ['allow', 'ask', 'deny'] as const) {
    for (const line of lines[expected]) {
      it(`is ${expected}: ${JSON.stringify(line)}`, () => {
        const found = judgeInSh(line);
        assert.equal(found.verdict, expected, JSON.stringify(found));
        if (expected === 'deny') assert.ok(rules.deny.includes(found.pattern ?? '') && found.part);
        if (expected === 'allow') assert.ok(rules.allow.includes(found.pattern ?? ''));
      });
    }
  }
});

describe('the verdict', () => {
  it('names the pattern and the part that decided', () => {
    assert.deepEqual(judgeInSh('git status && echo x'), { verdict: 'allow', pattern: 'git status' });
    assert.deepEqual(judgeInSh('ls; cargo build 2>&1 | cat'), { verdict: 'ask', part: 'cargo build 2>&1' });
    assert.deepEqual(judgeInSh('ls; sudo rm x'), { verdict: 'deny', pattern: 'rm', part: 'rm x' });
    assert.deepEqual(judgeInSh('echo "$(git -C a push)"'), {
      verdict: 'deny',
      pattern: '/^git\\b.*\\bpush\\b/',
      part: 'git -C a push',
    });
  });

  it('is deny when both lists match, and ask when neither does', () => {
    const both = { allow: ['rm', '/./'], deny: ['rm'] };
    assert.equal(judgeInSh('rm x', both).verdict, 'deny');
    assert.equal(judgeInSh('ls', both).verdict, 'allow');
    assert.equal(judgeInSh('ls', { allow: [], deny: [] }).verdict, 'ask');
  });

  it('is ask when only the shell can know whether the command is denied', () => {
    const given = { allow: ['git'], deny: ['git push'] };
    assert.deepEqual(judgeInSh('git $X', given), { verdict: 'ask', pattern: 'git push', part: 'git $X' });
    assert.equal(judgeInSh('git fetch $X', given).verdict, 'allow');
    assert.equal(judgeInSh('echo push | xargs git', given).verdict, 'ask');
  });

  it('knows the syntax that only bash and similar shells understand', () => {
    for (const line of ['[[ -f x ]] && ls', '(( 1 < 2 )) && ls', 'bash -c "[[ -f x ]] && ls"']) {
      for (const shell of ['/bin/bash', 'zsh', 'ksh']) {
        assert.equal(judge({ command: line, shell }, rules).verdict, 'allow', `${shell}: ${line}`);
      }
    }
    assert.equal(judge({ command: 'sh -c "[[ -f x ]] && ls"', shell: 'bash' }, rules).verdict, 'ask');
  });

  it('takes each argument of a list literally', () => {
    const argv = (...words: string[]): string => judge({ argv: words }, rules).verdict;
    assert.equal(argv('git', 'status', '; rm x', '$(rm x)'), 'allow');
    assert.equal(argv('git status'), 'ask');
    assert.equal(argv(''), 'ask');
    assert.equal(argv('/bin/rm', 'x'), 'deny');
    assert.equal(argv('sudo', '-n', 'rm'), 'deny');
    assert.equal(argv('sh', '-c', 'ls; r"m" x'), 'deny');
    assert.equal(argv('sh', '-c', 'npm test'), 'allow');
    assert.equal(argv('timeout', '5', 'npm', 'test'), 'allow');
    assert.equal(argv('C:\\tools\\RM.EXE', 'x'), 'deny');
    assert.equal(argv('powershell.exe', '-NoProfile', '-Command', 'ls; Remove-Item x'), 'deny');
  });

  it('is never allow when the shell may not be a POSIX shell', () => {
    for (const shell of [null, undefined, 'fish', '/usr/bin/fish', 'pwsh', 'C:\\Windows\\cmd.exe', 'nu', 'my-sh']) {
      assert.equal(judge({ command: 'git status', shell }, rules).verdict, 'ask', String(shell));
      for (const line of [
        'rm x',
        '& rm x',
        'ls; Remove-Item x',
        'ls | % { Remove-Item $_ }',
        'if ($true) { rm x }',
        'r`m x',
        'r^m x',
        'cmd /c "rm x"',
        'begin; rm x; end',
        '(rm x)',
        'echo "$(rm x)"',
        'sudo rm x',
        '$x = rm y',
        'npm publish --force',
      ]) {
        assert.equal(judge({ command: line, shell }, rules).verdict, 'deny', `${shell}: ${line}`);
      }
    }
    for (const shell of ['sh', '/bin/bash', '/usr/local/bin/zsh', 'dash', 'C:\\Git\\bin\\bash.exe']) {
      assert.equal(judge({ command: 'git status', shell }, rules).verdict, 'allow', shell);
    }
  });

  it('allows nothing when a pattern is invalid', () => {
    for (const pattern of ['/(/', '/rm/gg', '', '  ', '/^rm']) {
      const denied = judgeInSh('git status', { allow: ['git'], deny: [pattern] });
      assert.deepEqual([denied.verdict, denied.pattern], ['deny', pattern]);
      assert.match(denied.problem ?? '', /pattern/i);
      const asked = judgeInSh('git status', { allow: ['git', pattern], deny: [] });
      assert.deepEqual([asked.verdict, asked.pattern], ['ask', pattern]);
      assert.ok(asked.problem);
      // What a good pattern denies is told first.
      assert.equal(judgeInSh('rm x', { allow: [], deny: [pattern, 'rm'] }).pattern, 'rm');
    }
  });

  it('reads a path as words, and applies the flags of a regular expression', () => {
    assert.equal(judgeInSh('/opt/make all', { allow: ['/opt/make'], deny: [] }).verdict, 'allow');
    const global = { allow: ['/^ls/gy'], deny: [] };
    assert.deepEqual([judgeInSh('ls', global).verdict, judgeInSh('ls; ls', global).verdict], ['allow', 'allow']);
  });

  it('takes little time for any input', () => {
    const deep = Array.from({ length: 2000 }).reduce<string>((line) => `$(${line})`, 'rm x');
    const nested = Array.from({ length: 12 }).reduce<string>((line) => `sh -c ${JSON.stringify(line)}`, 'rm x');
    const wide = Array.from({ length: 20_000 }, (_, index) => `echo ${index}`).join('; ');
    for (const line of [
      deep,
      nested,
      wide,
      `sudo --x ${'x '.repeat(50_000)}`,
      'cmd '.repeat(20_000),
      '('.repeat(50_000),
    ]) {
      assert.ok(judgeInSh(line).verdict);
    }
  });
});
