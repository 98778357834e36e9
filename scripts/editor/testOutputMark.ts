/**
 * Begins each line that the tests in the extension host print: an invisible character (U+200B), by which their lines
 * are told from the many that the workbench writes to the same console.
 */
export const testOutputMark = '\u200b';
