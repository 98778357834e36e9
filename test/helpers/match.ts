/** A string matches the whole text. */
export type Which = string | RegExp;

/** For Playwright's `hasText`, in which a string matches a part of the text. */
export function whole(which: Which): RegExp {
  return typeof which === 'string' ? new RegExp(`^\\s*${which.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`) : which;
}

/** @param part a string matches a part of the text */
export function contains(text: string, part: string | RegExp): boolean {
  return typeof part === 'string' ? text.includes(part) : part.test(text);
}
