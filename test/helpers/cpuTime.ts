/** How much processor time an action takes, in milliseconds: unlike the time on the clock, much the same on a busy machine. */
export function cpuTime(act: () => unknown): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
