/** A string stands for the whole text. */
export type Which = string | RegExp;

/** For Playwright's `hasText`, which takes a string for a part of the text. */
export function whole(which: Which): RegExp {
  return typeof which === 'string' ? new RegExp(`^\\s*${which.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`) : which;
}

/** @param part a string stands for a part of the text */
export function contains(text: string, part: string | RegExp): boolean {
  return typeof part === 'string' ? text.includes(part) : part.test(text);
}
