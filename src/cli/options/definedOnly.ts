type Given<T> = string extends keyof T
  ? Record<string, Exclude<T[string & keyof T], undefined>>
  : { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are undefined: what was not given is not sent. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
