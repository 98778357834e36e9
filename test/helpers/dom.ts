/**
 * What functions that run in the page use of an element. The DOM's own types are no part of this program: they would
 * put `window` and the like into every file of it.
 */
export interface DomElement {
  readonly textContent: string | null;
  /** Not there for a text. */
  readonly className?: string;
  readonly childNodes: Iterable<DomElement>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): DomElement | null;
}
