// What a terminal may be shown of output that it has not seen when it was written.

/**
 * What asks the terminal for an answer: its state, the place of the cursor, colors, modes, capabilities. The program has
 * had its answer, and would take another one for something typed.
 */
const queries =
  /\u001B\[[>=?]?[\d;]*[cn]|\u001B\[[?>]\d*[uq]|\u001B\[\??\d+\$p|\u001B\[1[4-9]t|\u001B\[2[01]t|\u001B\][\d;]*;\?(?:\u0007|\u001B\\)|\u001BP[+$]q[^\u0007\u001B]*(?:\u0007|\u001B\\)|\u0005/g;

/** The output that a terminal shows first: from the beginning of a line or of a sequence on, and without questions. */
export function replayed(text: string, isFromStart: boolean): string {
  const start = isFromStart ? 0 : text.search(/[\n\u001B]/);
  return text.slice(Math.max(0, start)).replace(queries, '');
}

/**
 * Brings a terminal back to what shells expect, whatever the program in it has left: the main screen, a visible cursor,
 * usual keys, no mouse, no focus events, no bracketed paste, no colors.
 */
export const usualModes =
  '\u001B[?1047l\u001B[?1l\u001B>\u001B[r\u001B[?25h\u001B[?1000l\u001B[?1002l\u001B[?1003l\u001B[?1006l\u001B[?1004l\u001B[?2004l\u001B[0m';
