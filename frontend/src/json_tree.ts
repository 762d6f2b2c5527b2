// JSON as a tree that opens and closes. Branches are made when they are opened, long ones in portions.
import { element, icon } from "./elements";
import { childrenOf, isBranch, sizeOf, type Branch, type Json } from "./json";

const PORTION = 100;
const LONG = 240;
const GLIMPSES = 4;
const GLIMPSE = 40;
/** What is opened from the start: this deep, and so much of it. */
const OPEN_DEPTH = 2;
const OPEN_SIZE = 20;

/** An item of a tree, which knows how to open. */
type Opener = (open: boolean) => void;

export function jsonTree(value: Json, label: string): HTMLElement {
  const tree = element("ul", "json-tree");
  const openers = new WeakMap<Element, Opener>();
  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-label", label);
  if (isBranch(value) && sizeOf(value)) appendPortion(tree, childrenOf(value), 0, 1, value.kind, openers);
  else tree.append(item("", value, 1, "object", openers));
  const first = tree.querySelector<HTMLElement>("[role=treeitem]");
  if (first) first.tabIndex = 0;
  tree.addEventListener("click", (event) => clicked(event, tree, openers));
  tree.addEventListener("keydown", (event) => pressed(event, tree, openers));
  return tree;
}

function appendPortion(
  list: HTMLElement,
  children: [string, Json][],
  from: number,
  depth: number,
  kind: Branch["kind"],
  openers: WeakMap<Element, Opener>,
): void {
  const portion = children.slice(from, from + PORTION);
  list.append(...portion.map(([name, value]) => item(name, value, depth, kind, openers)));
  const left = children.length - from - portion.length;
  if (left <= 0) return;
  const more = treeItem("", depth);
  const words = `Show ${Math.min(left, PORTION).toLocaleString()} more of ${left.toLocaleString()}`;
  more.classList.add("rest");
  more.append(element("div", "line", words));
  openers.set(more, () => {
    const at = list.children.length - 1;
    more.remove();
    appendPortion(list, children, from + PORTION, depth, kind, openers);
    goTo(list.closest("[role=tree]"), list.children[at]);
  });
  list.append(more);
}

function item(
  name: string,
  value: Json,
  depth: number,
  kind: Branch["kind"],
  openers: WeakMap<Element, Opener>,
): HTMLElement {
  const made = treeItem(`${name}${name ? ": " : ""}${spoken(value)}`, depth);
  const line = element("div", "line");
  if (name) line.append(element("span", kind === "array" ? "at" : "name", name));
  made.append(line);
  if (isBranch(value) && sizeOf(value)) branch(made, line, value, depth, openers);
  else if (!isBranch(value) && value.text.length > LONG) longText(made, line, value, openers);
  else line.append(shortValue(value));
  return made;
}

function treeItem(label: string, depth: number): HTMLElement {
  const made = element("li");
  made.setAttribute("role", "treeitem");
  made.setAttribute("aria-level", String(depth));
  if (label) made.setAttribute("aria-label", label);
  made.tabIndex = -1;
  return made;
}

function branch(
  made: HTMLElement,
  line: HTMLElement,
  value: Branch,
  depth: number,
  openers: WeakMap<Element, Opener>,
): void {
  let group: HTMLElement | null = null;
  line.prepend(icon("right"));
  line.append(element("span", "count", countWords(value)), element("span", "glimpse", glimpse(value)));
  const open: Opener = (isOpen) => {
    made.setAttribute("aria-expanded", String(isOpen));
    if (isOpen && !group) {
      group = element("ul");
      group.setAttribute("role", "group");
      appendPortion(group, childrenOf(value), 0, depth + 1, value.kind, openers);
      made.append(group);
    }
    if (group) group.hidden = !isOpen;
  };
  openers.set(made, open);
  open(depth < OPEN_DEPTH && sizeOf(value) <= OPEN_SIZE);
}

function longText(
  made: HTMLElement,
  line: HTMLElement,
  value: Json,
  openers: WeakMap<Element, Opener>,
): void {
  if (isBranch(value)) return;
  const shown = element("span", `value ${value.kind}`);
  line.prepend(icon("right"));
  line.append(shown);
  const open: Opener = (isOpen) => {
    made.setAttribute("aria-expanded", String(isOpen));
    shown.textContent = isOpen ? value.text : `${value.text.slice(0, LONG)}…`;
  };
  openers.set(made, open);
  open(false);
}

function shortValue(value: Json): HTMLElement {
  if (isBranch(value)) return element("span", "count", countWords(value));
  const isEmpty = value.kind === "string" && !value.text;
  return element("span", `value ${isEmpty ? "nothing" : value.kind}`, isEmpty ? "empty text" : value.text);
}

function countWords(value: Branch): string {
  const size = sizeOf(value);
  if (!size) return value.kind === "object" ? "no fields" : "empty list";
  const noun = value.kind === "object" ? "field" : "item";
  return `${size.toLocaleString()} ${noun}${size === 1 ? "" : "s"}`;
}

/** A few of the values in a closed branch, to know it by. */
function glimpse(value: Branch): string {
  const texts = childrenOf(value).flatMap(([, one]) => (isBranch(one) || !one.text ? [] : [one.text]));
  return texts
    .slice(0, GLIMPSES)
    .map((one) => (one.length > GLIMPSE ? `${one.slice(0, GLIMPSE)}…` : one))
    .join(" · ");
}

function spoken(value: Json): string {
  return isBranch(value) ? countWords(value) : value.text.slice(0, LONG) || "empty text";
}

function clicked(event: MouseEvent, tree: HTMLElement, openers: WeakMap<Element, Opener>): void {
  // Whoever selects a text does not want it to move.
  if (!(event.target instanceof Element) || String(getSelection())) return;
  const at = event.target.closest(".line")?.closest<HTMLElement>("[role=treeitem]");
  if (!at) return;
  goTo(tree, at);
  openers.get(at)?.(at.getAttribute("aria-expanded") !== "true");
}

function pressed(event: KeyboardEvent, tree: HTMLElement, openers: WeakMap<Element, Opener>): void {
  const at = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=treeitem]") : null;
  if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
  const state = at.getAttribute("aria-expanded");
  const toggle = () => openers.get(at)?.(state !== "true");
  const moves: Record<string, () => void> = {
    ArrowDown: () => goTo(tree, after(at, tree)),
    ArrowUp: () => goTo(tree, before(at)),
    ArrowRight: () => (state === "false" ? toggle() : goTo(tree, firstIn(at))),
    ArrowLeft: () => (state === "true" ? toggle() : goTo(tree, at.parentElement?.closest("[role=treeitem]"))),
    Home: () => goTo(tree, tree.firstElementChild),
    End: () => goTo(tree, lastIn(tree)),
    Enter: toggle,
    " ": toggle,
  };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  event.stopPropagation();
  move();
}

/** The one item that Tab reaches is where one was last. */
function goTo(tree: Element | null, to: Element | null | undefined): void {
  if (!(to instanceof HTMLElement) || !tree?.contains(to)) return;
  tree.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
  to.tabIndex = 0;
  to.focus();
}

function firstIn(item: Element): Element | null {
  const group = item.querySelector(":scope > [role=group]:not([hidden])");
  return group?.firstElementChild ?? null;
}

function after(item: Element, tree: Element): Element | null {
  const inside = firstIn(item);
  if (inside) return inside;
  for (
    let one: Element | null | undefined = item;
    one && one !== tree;
    one = one.parentElement?.closest("li")
  )
    if (one.nextElementSibling) return one.nextElementSibling;
  return null;
}

function before(item: Element): Element | null {
  const { previousElementSibling } = item;
  return previousElementSibling
    ? lastIn(previousElementSibling)
    : (item.parentElement?.closest("[role=treeitem]") ?? null);
}

/** The last item that is shown in a tree or an item: itself, where it is closed. */
function lastIn(root: Element): Element {
  const list = root.matches("[role=tree]") ? root : root.querySelector(":scope > [role=group]:not([hidden])");
  return list?.lastElementChild ? lastIn(list.lastElementChild) : root;
}
