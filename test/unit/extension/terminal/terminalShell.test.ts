import assert from 'node:assert/strict';
import { terminalShell } from '../../../../src/extension/terminal/terminalShell.ts';

describe('terminalShell', () => {
  it('is the user’s own when the terminal has that, or when nothing else is known', () => {
    assert.equal(terminalShell('bash', undefined, '/usr/bin/bash', 'linux'), undefined);
    assert.equal(terminalShell(undefined, undefined, '/usr/bin/bash', 'linux'), undefined);
    assert.equal(terminalShell('wsl', undefined, '/bin/zsh', 'linux'), undefined);
  });

  it('is the one of the terminal, by its path where that is known', () => {
    assert.equal(terminalShell('fish', '/opt/fish', '/bin/bash', 'linux'), '/opt/fish');
    assert.equal(terminalShell('zsh', '/bin/bash', '/bin/bash', 'darwin'), 'zsh');
    assert.equal(terminalShell(undefined, '/opt/mine', '/bin/bash', 'linux'), '/opt/mine');
  });

  it('is PowerShell where a terminal of Windows has it, and cmd otherwise', () => {
    assert.equal(terminalShell('pwsh', undefined, undefined, 'win32'), 'powershell.exe');
    assert.equal(terminalShell('pwsh', 'C:\\Tools\\pwsh.exe', undefined, 'win32'), 'C:\\Tools\\pwsh.exe');
    assert.equal(terminalShell('gitbash', undefined, undefined, 'win32'), 'bash');
    assert.equal(terminalShell('cmd', undefined, undefined, 'win32'), undefined);
  });

  it('is undefined when the program that reads the lines is not a shell', () => {
    assert.equal(terminalShell('python', undefined, '/bin/bash', 'linux'), null);
  });
});
