// A text that grows, shown as Markdown: closed blocks are rendered once, only the last one again and again.
import { closedLength, hasReferences, isOpenFence, likely } from "./blocks";
import { dressCode } from "./code";
import { dressMaths } from "./maths";
import { markdown } from "./markdown";
import { dressRedactions } from "./redactions";
import { textFragment } from "./trusted";

export class Prose {
  readonly element: HTMLElement;
  private text = "";
  private frozen = 0;
  /** The text was shown as if no more would come. */
  private whole = false;
  private readonly tail: HTMLElement;
  /** The text of an open code block, to which new code is simply appended. */
  private open: Text | null = null;

  constructor() {
    this.element = document.createElement("div");
    this.element.className = "prose";
    this.tail = document.createElement("div");
    this.tail.className = "tail";
    this.element.append(this.tail);
  }

  /** Show more of the text. */
  grow(text: string): void {
    if (!text.startsWith(this.text)) return this.showWhole(text);
    const added = text.slice(this.text.length);
    if (!added) return;
    if (this.whole) this.startOver();
    this.text = text;
    if (this.open && !mayClose(this.open.data, added)) return this.open.appendData(added);
    this.freezeClosedBlocks();
    this.showTail();
  }

  /** Show the whole text; no more will come. */
  finish(text: string): void {
    const goesOn = !this.whole && text.startsWith(this.text.slice(0, this.frozen));
    if (!goesOn || hasReferences(text)) return this.showWhole(text);
    this.text = text;
    this.whole = true;
    this.open = null;
    this.tail.replaceChildren();
    this.tail.before(dressed(text.slice(this.frozen)));
    this.frozen = text.length;
  }

  private showWhole(text: string): void {
    this.startOver();
    this.text = text;
    this.whole = true;
    this.tail.before(dressed(text));
    this.frozen = text.length;
  }

  /** What was shown whole ended in the midst of a block, which goes on. */
  private startOver(): void {
    this.whole = false;
    this.frozen = 0;
    this.open = null;
    this.tail.replaceChildren();
    this.element.replaceChildren(this.tail);
  }

  private freezeClosedBlocks(): void {
    const closed = closedLength(this.text.slice(this.frozen));
    if (closed === 0) return;
    this.tail.before(dressed(this.text.slice(this.frozen, this.frozen + closed)));
    this.frozen += closed;
  }

  private showTail(): void {
    const rest = this.text.slice(this.frozen);
    const isCode = isOpenFence(rest);
    this.tail.replaceChildren(textFragment(markdown.render(isCode ? rest : likely(rest))));
    for (const table of this.tail.querySelectorAll("table")) wrapTable(table);
    for (const item of this.tail.querySelectorAll("li")) checkTask(item);
    labelLinks(this.tail);
    dressRedactions(this.tail);
    const code = isCode ? this.tail.querySelector("pre code")?.firstChild : null;
    this.open = code instanceof Text && code.data.endsWith("\n") === rest.endsWith("\n") ? code : null;
  }
}

/** Whether added text may hold the end of an open code block, or something Markdown reads in its own way. */
function mayClose(shown: string, added: string): boolean {
  const line = shown.slice(shown.lastIndexOf("\n") + 1) + added;
  return /(^|\n)[ \t]*[`~]|[\r\0]/.test(line);
}

function dressed(text: string): DocumentFragment {
  const nodes = textFragment(markdown.render(text));
  dressCode(nodes);
  dressMaths(nodes);
  for (const table of nodes.querySelectorAll("table")) wrapTable(table);
  for (const item of nodes.querySelectorAll("li")) checkTask(item);
  labelLinks(nodes);
  dressRedactions(nodes);
  return nodes;
}

function labelLinks(root: ParentNode): void {
  for (const link of root.querySelectorAll<HTMLAnchorElement>("a")) {
    // "[words]()" leads nowhere but to this page.
    if (!link.getAttribute("href")) {
      link.replaceWith(...link.childNodes);
      continue;
    }
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
}

function wrapTable(table: HTMLTableElement): void {
  const box = document.createElement("div");
  box.className = "table";
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Table");
  table.replaceWith(box);
  box.append(table);
}

function checkTask(item: HTMLLIElement): void {
  const first = (item.querySelector(":scope > p") ?? item).firstChild;
  if (!(first instanceof Text)) return;
  const found = /^\[([ xX])\]\s/.exec(first.data);
  if (!found) return;
  first.data = first.data.slice(found[0].length);
  const box = document.createElement("input");
  box.type = "checkbox";
  box.disabled = true;
  box.checked = found[1] !== " ";
  box.setAttribute("aria-label", box.checked ? "Done" : "Not done");
  item.classList.add("task");
  first.before(box, " ");
}
