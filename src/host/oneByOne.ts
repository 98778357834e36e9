/**
 * @param use takes over a value, for example of a setting
 * @returns the same, one value after the other. A failure is reported, and the next value is taken over all the same
 */
export function oneByOne<T>(
  use: (value: T) => Promise<void>,
  onError: (error: unknown) => void,
): (value: T) => Promise<void> {
  let last = Promise.resolve();
  return (value) => (last = last.then(() => use(value)).catch(onError));
}
