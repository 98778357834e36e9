import * as vscode from 'vscode';
import type { Localize } from './jobWords.ts';

/** The words of the editor's display language. test/unit/house/l10n.test.ts collects what is said through it. */
export const t: Localize = (message, ...values) => vscode.l10n.t(message, ...values);
