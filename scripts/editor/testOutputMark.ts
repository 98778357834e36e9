/**
 * The invisible character (U+200B) that starts each line printed by the tests in the extension host. It distinguishes
 * their lines from those that the workbench writes to the same console.
 */
export const testOutputMark = '\u200b';
