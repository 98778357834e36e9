import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { composerScripts, denoTasks, procfileProcesses } from '../../../../src/extension/start/scripts.ts';

describe('The tasks of a deno.json', () => {
  it('are texts or objects, also among comments and with trailing commas', () => {
    const text = `\uFEFF{
      // "no": "task",
      "imports": { "a": "https://deno.land/x/a//b.ts", /* "c": 1, */ },
      "tasks": {
        "dev": "deno run -A main.ts // not a comment",
        "test all": { "description": "Test it", "command": "deno test", "dependencies": ["dev"] },
        "group": { "dependencies": ["dev"] },
      },
    }`;
    assert.deepEqual(denoTasks(text), [
      { name: 'dev', description: 'deno run -A main.ts // not a comment', command: 'deno task dev' },
      { name: 'test all', description: 'Test it', command: "deno task 'test all'" },
      { name: 'group', description: '', command: 'deno task group' },
    ]);
  });

  it('are none in a file without tasks, or with errors', () => {
    for (const text of ['', '{', '[]', '{}', '{"tasks": 1}', '{"tasks": {"a": 1}}'])
      assert.deepEqual(denoTasks(text), []);
  });
});

describe('The scripts of a composer.json', () => {
  it('are commands or lists of them, with what is said about them', () => {
    const text = JSON.stringify({
      scripts: { test: 'phpunit', check: ['@test', 'App\\\\Check::run'], 'post-install-cmd': 'echo' },
      'scripts-descriptions': { test: 'Run the tests' },
    });
    assert.deepEqual(composerScripts(text), [
      { name: 'test', description: 'Run the tests', command: 'composer run-script test' },
      { name: 'check', description: '@test, App\\\\Check::run', command: 'composer run-script check' },
      { name: 'post-install-cmd', description: 'echo', command: 'composer run-script post-install-cmd' },
    ]);
  });

  it('are none in a file without scripts, or with errors', () => {
    for (const text of ['', '{', '[]', '{}', '{"scripts": {"a": 1}}']) assert.deepEqual(composerScripts(text), []);
  });
});

describe('The processes of a Procfile', () => {
  it('are its lines, which run as they are', () => {
    const text =
      '# comment: none\r\nweb: bundle exec puma -p $PORT\r\n\nworker-1:sleep 5 # a comment of the shell\n bad: x\nempty:\n';
    assert.deepEqual(procfileProcesses(text), [
      { name: 'web', description: 'web', command: 'bundle exec puma -p $PORT' },
      { name: 'worker-1', description: 'worker-1', command: 'sleep 5 # a comment of the shell' },
    ]);
  });
});
