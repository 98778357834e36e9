import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('The extension', () => {
  it('is there and can be activated', async () => {
    const extension = vscode.extensions.getExtension('background-jobs.background-jobs');
    assert.ok(extension, 'VS Code does not know the extension');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });
});
