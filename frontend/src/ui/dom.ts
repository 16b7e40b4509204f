/** Building of DOM nodes. Text goes in as text nodes only, so nothing that came from the stream can become markup. */

type Attributes = Record<string, string | number | boolean | undefined>;

/** Create an element. `true` gives an empty attribute, `false` and undefined none. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children);
  return element;
}

/** Set or remove one attribute; does nothing when it already has that value. */
export function setAttribute(
  element: Element,
  name: string,
  value: string | number | boolean | undefined | null,
): void {
  if (value === undefined || value === null || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Replace the text of an element that holds nothing else; touches the document only when the text differs. */
export function setText(element: Element, value: string): void {
  const first = element.firstChild;
  if (first instanceof Text && first === element.lastChild) {
    if (first.data !== value) first.data = value;
  } else if (first !== null || value !== "") {
    element.textContent = value;
  }
}

/** The element with this id; the page is broken without it. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no element #${id}`);
  return element;
}
