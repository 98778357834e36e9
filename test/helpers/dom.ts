/**
 * The members of an element that functions in the page use. The types of the DOM are not part of this program, because
 * they would add `window` and other globals to all of its files.
 */
export interface DomElement {
  readonly textContent: string | null;
  /** Absent for text nodes. */
  readonly className?: string;
  readonly childNodes: Iterable<DomElement>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): DomElement | null;
}
