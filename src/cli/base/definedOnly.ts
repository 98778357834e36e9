type Defined<T> = string extends keyof T
  ? Record<string, Exclude<T[string & keyof T], undefined>>
  : { [K in keyof T]?: Exclude<T[K], undefined> };

/** A copy without the members that are undefined: an option that was not given is not sent. */
export function definedOnly<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
