import * as vscode from 'vscode';
import type { Translate } from '../../text/grammar.ts';

/** Translates into the editor's display language. test/unit/house/l10n.test.ts collects what goes through it. */
export const t: Translate = (message, ...values) => vscode.l10n.t(message, ...values);
