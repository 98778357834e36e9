import type { VariableScope } from '../../../../src/extension/definitions/taskVariables.ts';

/** A window with nothing open, but for what a test says. */
export function scopeWith(values: Partial<VariableScope>): VariableScope {
  return {
    folder: '/ws',
    folders: [],
    env: {},
    home: '/home/me',
    setting: () => undefined,
    editor: null,
    editorFolder: '/opt/editor',
    extensionFolder: () => undefined,
    answers: new Map(),
    secrets: new Set(),
    ...values,
  };
}
