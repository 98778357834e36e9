type Attributes = Readonly<Record<string, string>>;

/** Text is only ever set as text: an output or a name can look like HTML. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function svgElement(name: string, attributes: Attributes, ...children: Node[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** @param key finds it again when what is around it was replaced, so that it keeps the focus */
export function button(key: string, label: string, press: () => void, className = ''): HTMLButtonElement {
  const made = element('button', { type: 'button', class: className, 'data-key': key }, label);
  made.addEventListener('click', press);
  return made;
}

const shown = new WeakMap<Element, string>();

/** Replaces the children when the data has changed. The focus stays on the same button, or where that was. */
export function fill(parent: HTMLElement, data: unknown, draw: () => Node[]): void {
  const text = JSON.stringify(data);
  if (shown.get(parent) === text) return;
  shown.set(parent, text);
  const focused = parent.contains(document.activeElement) ? document.activeElement?.getAttribute('data-key') : null;
  parent.replaceChildren(...draw());
  if (!focused) return;
  parent.tabIndex = -1;
  (parent.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`) ?? parent).focus();
}

/** The focus would be lost with a text that is set again. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
