import * as vscode from 'vscode';
import type { Translate } from '../../text/grammar.ts';

/** Translates into the editor's display language. test/unit/house/l10n.test.ts collects what goes through it. */
export const t: Translate = (message, ...values) => vscode.l10n.t(message, ...values);

/** A count as it is written in that language, for example `10,002`. */
export const number = (count: number): string => count.toLocaleString(vscode.env.language);
