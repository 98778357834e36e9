/** What the host takes for a job's name (characters). */
const longest = 200;

/** The name of a job that is made of something with a label, which may be any text. */
export function jobName(label: string): { name?: string } {
  const name = label.trim().slice(0, longest).trim();
  return name === '' ? {} : { name };
}
