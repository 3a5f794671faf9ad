/** Elements in one line. Strings become text nodes and nothing else: no text of a user or of a model is read as HTML. */

export type Child = Node | string | number | null | false | readonly Child[]

/** Attributes by name; functions are listeners (`onclick`), `true` is an empty attribute, `null` and `false` none. */
export type Attributes = Readonly<Record<string, string | number | boolean | null | ((event: Event) => void)>>

export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return fill(document.createElement(name), attributes, children)
}

export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children)
}

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === false) continue
    if (Array.isArray(child)) append(element, child)
    else element.append(child instanceof Node ? child : String(child))
  }
}

/** Sets a custom property; the policy of the page allows no style attributes. */
export function styled<E extends HTMLElement | SVGElement>(
  element: E,
  property: `--${string}`,
  value: string | number,
): E {
  element.style.setProperty(property, String(value))
  return element
}

/** The element of the page's own HTML with this id. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id)
  if (!found) throw new Error(`no element "${id}"`)
  return found as E
}
