// A text that grows, shown as Markdown: closed blocks are rendered once, only the last one again and again.
import { dressCode } from "./code";
import { dressMaths } from "./maths";
import { hasReferences, markdown, tailOf } from "./markdown";
import { textFragment } from "./trusted";

export class Prose {
  readonly element: HTMLElement;
  private text = "";
  private frozen = 0;
  private readonly tail: HTMLElement;
  /** The text node of an open code block, to which new code is simply appended. */
  private open: { node: Text; start: number } | null = null;

  constructor() {
    this.element = document.createElement("div");
    this.element.className = "prose";
    this.tail = document.createElement("div");
    this.tail.className = "tail";
    this.element.append(this.tail);
  }

  /** Show more of the text, which begins with what is shown already. */
  grow(text: string): void {
    if (!text.startsWith(this.text)) return this.finish(text);
    const added = text.slice(this.text.length);
    this.text = text;
    if (this.open && !mayClose(this.open.node.data, added)) {
      this.open.node.appendData(added);
      return;
    }
    this.freezeClosedBlocks();
    this.showTail();
  }

  /** Show the whole text; no more will come. */
  finish(text: string): void {
    const changed = text !== this.text;
    this.text = text;
    this.open = null;
    if (changed || this.frozen === 0 || hasReferences(text)) {
      this.frozen = 0;
      this.element.replaceChildren(dressed(text), this.tail);
    } else {
      this.tail.before(dressed(text.slice(this.frozen)));
    }
    this.tail.replaceChildren();
  }

  private freezeClosedBlocks(): void {
    const rest = this.text.slice(this.frozen);
    const { start } = tailOf(rest);
    if (start === 0) return;
    this.tail.before(dressed(rest.slice(0, start)));
    this.frozen += start;
  }

  private showTail(): void {
    const rest = this.text.slice(this.frozen);
    this.open = null;
    this.tail.replaceChildren(textFragment(markdown.render(rest)));
    labelLinks(this.tail);
    if (tailOf(rest).fence === null) return;
    const code = this.tail.querySelector("pre code")?.firstChild;
    if (code instanceof Text && code.data.endsWith("\n") === rest.endsWith("\n"))
      this.open = { node: code, start: 0 };
  }
}

/** Whether added text may hold the end of an open code block. */
function mayClose(shown: string, added: string): boolean {
  const line = shown.slice(shown.lastIndexOf("\n") + 1) + added;
  return /(^|\n)[ \t]*[`~]/.test(line);
}

function dressed(text: string): DocumentFragment {
  const nodes = textFragment(markdown.render(text));
  dressCode(nodes);
  dressMaths(nodes);
  for (const table of nodes.querySelectorAll("table")) wrapTable(table);
  for (const item of nodes.querySelectorAll("li")) checkTask(item);
  labelLinks(nodes);
  return nodes;
}

function labelLinks(root: ParentNode): void {
  for (const link of root.querySelectorAll<HTMLAnchorElement>("a[href]")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
  }
}

function wrapTable(table: HTMLTableElement): void {
  const box = document.createElement("div");
  box.className = "table";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
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
