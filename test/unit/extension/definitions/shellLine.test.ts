import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { shellLine, type TaskArgument } from '../../../../src/extension/definitions/shellLine.ts';

const [escape, strong, weak] = [1, 2, 3];
const line = (...words: [TaskArgument, ...TaskArgument[]]): string => shellLine(words, words[0], '/bin/bash', 'linux');

describe('The line of a shell task', () => {
  it('has plain arguments as they are, and in single quotes with a blank outside of quotes', () => {
    const cases = [
      ['plain', 'plain'],
      ['a b', "'a b'"],
      ['a="b c"', 'a="b c"'],
      ['"a b"c', '"a b"c'],
      ['--f="$X y"', '--f="$X y"'],
      ['"a" "b"', '"a" "b"'],
      ['a\tb', 'a\tb'],
      ['a\nb', 'a\nb'],
      ['a\\ b', "'a\\ b'"],
      ['$HOME/*', '$HOME/*'],
      ['', ''],
    ];
    for (const [written = '', expected = ''] of cases) assert.equal(line('run', written), `run ${expected}`, written);
  });

  it('escapes blanks and quotes alone, so that the shell still expands the rest', () => {
    assert.equal(line('run', { value: '$HOME/my "dir" ~ *\\', quoting: escape }), 'run $HOME/my\\ \\"dir\\"\\ ~\\ *\\');
  });

  it('puts quotes around a text, and changes nothing within double quotes', () => {
    assert.equal(line('run', { value: '\\$HOME "x"', quoting: weak }), 'run "\\$HOME "x""');
    assert.equal(line('run', { value: '$HOME', quoting: strong }), "run '$HOME'");
  });

  it('keeps a single quote within single quotes, where the editor breaks the line', () => {
    assert.equal(line('run', { value: "it's", quoting: strong }), "run 'it'\\''s'");
    assert.equal(line('run', "a 'b c'"), "run 'a '\\''b c'\\'''");
  });

  it('quotes an argument with a quote that nothing closes, where the editor breaks the line', () => {
    assert.equal(line('echo', "it's two", '$HOME'), "echo 'it'\\''s two' $HOME");
    assert.equal(line('echo', "it's", '"a b"'), "echo 'it'\\''s' \"a b\"");
    assert.equal(line('echo', '"two', 'words"'), 'echo "two words"');
    assert.equal(line('echo', "it\\'s", 'a b'), "echo it\\'s 'a b'");
  });

  it('is left alone without arguments, unless only what was filled in makes it one word', () => {
    const filled = (command: string, written: string): string => shellLine([command], written, '/bin/sh', 'linux');
    assert.equal(filled('cd a b && make', 'cd a b && make'), 'cd a b && make');
    assert.equal(filled('/my folder/run.sh', '${workspaceFolder}/run.sh'), "'/my folder/run.sh'");
    assert.equal(filled('/my folder/run.sh --all', '${workspaceFolder}/run.sh --all'), '/my folder/run.sh --all');
    assert.equal(filled('"/my folder/run.sh"', '"${workspaceFolder}/run.sh"'), '"/my folder/run.sh"');
  });

  it('is quoted for the shell that reads it', () => {
    const words: [string, TaskArgument, TaskArgument] = [
      'my tool',
      { value: "it's (here)", quoting: escape },
      { value: 'a b', quoting: strong },
    ];
    const line = (shell: string, platform: NodeJS.Platform): string => shellLine(words, words[0], shell, platform);
    assert.equal(line('C:/x/pwsh.exe', 'win32'), "& 'my tool' it`'s` `(here`) 'a b'");
    assert.equal(line('powershell.exe', 'win32'), "& 'my tool' it`'s` `(here`) 'a b'");
    assert.equal(line('cmd.exe', 'win32'), '"my tool" it\'s (here) "a b"');
    assert.equal(line('bash.exe', 'win32'), "'my tool' it\\'s\\ (here) 'a b'");
    assert.equal(line('/usr/bin/fish', 'linux'), "'my tool' it\\'s\\ (here) 'a b'");
  });

  it('is quoted as the task says that its shell does it', () => {
    const quotes = { escape: '^', strong: '<', weak: '|' };
    const words: [string, TaskArgument, TaskArgument] = [
      'run',
      { value: 'a b', quoting: escape },
      { value: 'c', quoting: weak },
    ];
    assert.equal(shellLine(words, 'run', 'sh', 'linux', quotes), 'run a^ b |c|');
    assert.equal(shellLine(['run', 'a^ b'], 'run', 'sh', 'linux', quotes), 'run a^ b');
  });
});
