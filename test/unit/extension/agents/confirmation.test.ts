import assert from 'node:assert/strict';
import { confirmation } from '../../../../src/extension/agents/confirmation.ts';
import { code, codeBlock, codeLines } from '../../../../src/extension/base/readableText.ts';
import { english as t } from '../../../../src/text/grammar.ts';
import type { Question } from '../../../../src/agents/tools/tool.ts';
import { tools } from '../../../../src/agents/tools/main.ts';

const nowhere = { job: null, isOutside: false };

function question(name: keyof typeof tools, input: object): Question {
  const found = tools[name].question(input, { session: 'web', cwd: '/work' });
  assert.ok(found);
  return found;
}

describe('the card before an agent acts', () => {
  it('shows the whole command, the folder and the session', () => {
    const long = `echo ${'short words '.repeat(500)} && rm -rf build`;
    const { message } = confirmation(question('start_job', { command: long }), nowhere, t);
    assert.equal(message, `\` ${long.replaceAll('  ', ' ')} \`\n\nFolder: \` /work \`\n\nSession: \` web \``);
  });

  it('shows each line of a command', () => {
    const { message } = confirmation(question('start_job', { command: 'cd build\nmake' }), nowhere, t);
    assert.match(message, /^` cd build `\\\n` make `\n\n/);
  });

  it('lets long words wrap', () => {
    const word = 'https://example.com/a/b`c';
    assert.equal(codeLines(`get ${word}; rm`), '` get  `\u200b` https://example.com/ `\u200b`` a/b`c; rm ``');
    assert.equal(codeLines(''), '`  `');
  });

  it('shows arguments so that each can be told from the next', () => {
    const { message } = confirmation(question('start_job', { argv: ['rm', '-rf', 'a b', ''] }), nowhere, t);
    assert.match(message, /^` rm -rf 'a b' '' `\n/);
  });

  it('shows how readiness is checked', () => {
    const shown = (readyWhen: object): string =>
      confirmation(question('start_job', { command: 'x', readyWhen }), nowhere, t)
        .message.split('\n\n')
        .at(-1) ?? '';
    assert.equal(shown({ url: 'http://a.test/' }), 'Ready when this URL responds: ` http://a.test/ `');
    assert.equal(shown({ port: 3000 }), 'Ready when this port is open: ` localhost:3000 `');
    assert.equal(shown({ pattern: 'up' }), 'Ready when the output matches: ` up `');
    assert.equal(shown({ file: 'up' }), 'Ready when this file is created or changed: ` up `');
  });

  it('shows everything else that a command is given', () => {
    const input = {
      command: 'make',
      env: { LD_PRELOAD: '/x.so', CI: null },
      envFile: '/work/.env',
      stdinText: 'yes\n',
    };
    const { message } = confirmation(question('start_job', input), { ...nowhere, isOutside: true }, t);
    for (const part of [
      '- ` LD_PRELOAD=/x.so `\n- ` -CI `',
      '` /work/.env `',
      '```\nyes\n\n```',
      '**This folder is outside the workspace.**',
    ]) {
      assert.ok(message.includes(part), part);
    }
  });

  it('shows when it runs, after what, and that it may run many times', () => {
    const shown = (input: object): string =>
      confirmation(question('start_job', { command: 'make', ...input }), nowhere, t).message;
    for (const [input, part] of [
      [{ at: '2026-11-20T17:30:00Z' }, '**Starts later**, at ` 2026-11-20T17:30:00Z `'],
      [{ cron: '*/5 * * * *', timeZone: 'UTC' }, '**Runs on a schedule until you stop it**: '],
      [{ cron: '*/5 * * * *', timeZone: 'UTC' }, '` */5 * * * * (UTC) `'],
      [{ retry: { maxAttempts: 7 } }, 'Retry: up to 7 attempts'],
      [{ restart: { policy: 'always' } }, '**Restarts**: whenever it ends, up to 5 times in 1m'],
      [{ restart: { policy: 'on-failure' } }, '**Restarts**: on failure'],
      [{ dependsOn: [{ job: '1a2b' }, { job: '3c', condition: 'ready' }] }, '` 1a2b to succeed, 3c to be ready `'],
    ] as const) {
      assert.ok(shown(input).includes(`\n\n`) && shown(input).includes(part), shown(input));
    }
  });

  it('cannot be closed or decorated by its own content', () => {
    assert.equal(codeBlock('a\n```\n**b**'), '````\na\n```\n**b**\n````');
    assert.equal(code('a ``b`` [c](command:d)'), '``` a ``b`` [c](command:d) ```');
    assert.equal(code('a\n\n# b'), '` a # b `');
  });

  it('names the signal of a kill, the input, and what would be removed', () => {
    assert.equal(
      confirmation(question('kill_job', { id: '1a', signal: 'kill' }), nowhere, t).title,
      'Send SIGKILL to this background job?',
    );
    const input = confirmation(question('send_job_input', { id: '1a', text: 'y', key: 'enter' }), nowhere, t);
    assert.match(input.message, /^` "y", enter `$/);
    const all = confirmation(question('cleanup_jobs', { allSessions: true, status: 'failed', keep: 3 }), nowhere, t);
    assert.match(all.message, /\*\*In all sessions\*\*[^]*` failed `[^]*3/);
    assert.match(confirmation(question('cleanup_jobs', {}), nowhere, t).message, /^Session: ` web `$/);
  });

  it('is not shown for a start that could never be', () => {
    const both = { command: 'make', argv: ['make'] };
    assert.throws(() => question('start_job', both), /Give either command/);
  });

  it('is not shown for tools that only read', () => {
    for (const name of ['list_jobs', 'get_job_status', 'get_job_output', 'wait_for_job'] as const) {
      assert.equal(tools[name].question({ id: '1a' }, { session: 'web', cwd: null }) ?? null, null);
    }
    assert.equal(tools.cleanup_jobs.question({ dryRun: true }, { session: 'web', cwd: null }), null);
  });
});
