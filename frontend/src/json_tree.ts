// JSON as a tree that opens and closes. Branches are made when they are opened, long ones in portions.
// Each entry is a list item that holds its line, the tree's item, and the list of what is in it.
import { element, icon, must } from "./elements";
import { childrenOf, isBranch, sizeOf, type Branch, type Json, type Leaf } from "./json";

const PORTION = 100;
const LONG = 240;
const GLIMPSES = 4;
const GLIMPSE = 40;
/** What is opened from the start: this deep, where it is not more than this. */
const OPEN_DEPTH = 2;
const OPEN_SIZE = 20;

type Child = [name: string, value: Json];

/** Where an item stands: how deep, in an object or an array, and whether it may be opened from the start. */
interface Place {
  depth: number;
  kind: Branch["kind"];
  isOpen: boolean;
}

export function jsonTree(value: Json, label: string): HTMLElement {
  return new Tree(value, label).element;
}

class Tree {
  readonly element = element("ul", "json-tree");
  private readonly openers = new WeakMap<Element, (isOpen: boolean) => void>();

  constructor(value: Json, label: string) {
    this.element.setAttribute("role", "tree");
    this.element.setAttribute("aria-label", label);
    const place: Place = { depth: 1, kind: isBranch(value) ? value.kind : "object", isOpen: true };
    if (isBranch(value) && sizeOf(value)) this.appendPortion(this.element, childrenOf(value), 0, place);
    else this.element.append(this.item(["", value], place));
    lineOf(this.element).tabIndex = 0;
    this.element.addEventListener("click", (event) => this.clicked(event));
    this.element.addEventListener("keydown", (event) => this.pressed(event));
  }

  private appendPortion(list: HTMLElement, children: Child[], from: number, place: Place): void {
    const portion = children.slice(from, from + PORTION);
    const here = { ...place, isOpen: children.length <= OPEN_SIZE };
    list.append(...portion.map((child) => this.item(child, here)));
    const left = children.length - from - portion.length;
    if (left <= 0) return;
    const [more, line] = entry(place.depth);
    more.classList.add("rest");
    line.textContent = `Show ${Math.min(left, PORTION).toLocaleString()} more of ${left.toLocaleString()}`;
    this.openers.set(more, () => {
      const at = list.children.length - 1;
      more.remove();
      this.appendPortion(list, children, from + PORTION, place);
      goTo(this.element, list.children[at]);
    });
    list.append(more);
  }

  private item([name, value]: Child, place: Place): HTMLElement {
    const [made, line] = entry(place.depth);
    // The spaces are for those who hear it.
    if (name) line.append(element("span", place.kind === "array" ? "at" : "name", name), " ");
    if (isBranch(value) && sizeOf(value)) this.branch(made, line, value, place);
    else if (!isBranch(value) && value.text.length > LONG) this.longText(made, line, value);
    else line.append(shortValue(value));
    return made;
  }

  private branch(made: HTMLElement, line: HTMLElement, value: Branch, { depth, isOpen }: Place): void {
    let group: HTMLElement | null = null;
    line.prepend(icon("right"));
    line.append(element("span", "count", countWords(value)), " ", element("span", "glimpse", glimpse(value)));
    const open = (isOpen: boolean) => {
      line.setAttribute("aria-expanded", String(isOpen));
      if (isOpen && !group) {
        group = element("ul");
        group.setAttribute("role", "group");
        this.appendPortion(group, childrenOf(value), 0, { depth: depth + 1, kind: value.kind, isOpen });
        made.append(group);
      }
      if (group) group.hidden = !isOpen;
    };
    this.openers.set(made, open);
    open(isOpen && depth < OPEN_DEPTH && sizeOf(value) <= OPEN_SIZE);
  }

  private longText(made: HTMLElement, line: HTMLElement, { kind, text }: Leaf): void {
    const shown = element("span", `value ${kind}`);
    line.prepend(icon("right"));
    line.append(shown);
    const open = (isOpen: boolean) => {
      line.setAttribute("aria-expanded", String(isOpen));
      shown.textContent = isOpen ? text : `${text.slice(0, LONG)}…`;
    };
    this.openers.set(made, open);
    open(false);
  }

  private clicked(event: MouseEvent): void {
    // Whoever selects a text does not want it to move.
    if (!(event.target instanceof Element) || String(getSelection())) return;
    const at = event.target.closest(".line")?.closest("li");
    if (!at) return;
    goTo(this.element, at);
    this.toggle(at);
  }

  private toggle(item: Element): void {
    this.openers.get(item)?.(lineOf(item).getAttribute("aria-expanded") !== "true");
  }

  private pressed(event: KeyboardEvent): void {
    const at = event.target instanceof Element ? event.target.closest("li") : null;
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    const tree = this.element;
    const state = lineOf(at).getAttribute("aria-expanded");
    const toggle = () => this.toggle(at);
    const moves: Record<string, () => void> = {
      ArrowDown: () => goTo(tree, after(at, tree)),
      ArrowUp: () => goTo(tree, before(at)),
      ArrowRight: () => (state === "false" ? toggle() : goTo(tree, firstIn(at))),
      ArrowLeft: () => (state === "true" ? toggle() : goTo(tree, at.parentElement?.closest("li"))),
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
}

function entry(depth: number): [made: HTMLElement, line: HTMLElement] {
  const made = element("li");
  const line = element("div", "line");
  made.setAttribute("role", "none");
  line.setAttribute("role", "treeitem");
  line.setAttribute("aria-level", String(depth));
  line.tabIndex = -1;
  made.append(line);
  return [made, line];
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

/** The line of an entry, or the first one of a tree. */
function lineOf(root: Element): HTMLElement {
  return must(".line", root);
}

/** The one item that Tab reaches is where one was last. */
function goTo(tree: Element, to: Element | null | undefined): void {
  if (!to || !tree.contains(to)) return;
  const line = lineOf(to);
  tree.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
  line.tabIndex = 0;
  line.focus();
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
    : (item.parentElement?.closest("li") ?? null);
}

/** The last item that is shown in a tree or an item: itself, where it is closed. */
function lastIn(root: Element): Element {
  const list = root.matches("[role=tree]") ? root : root.querySelector(":scope > [role=group]:not([hidden])");
  return list?.lastElementChild ? lastIn(list.lastElementChild) : root;
}
