/** `npm run bench -- --quick` shows within two minutes whether something has become slow. Its values say little more. */
export const isQuick = process.argv.includes('--quick');

/** How often or how much something is measured. */
export function effort(full: number, quick: number): number {
  return isQuick ? quick : full;
}
