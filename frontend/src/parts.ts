// The parts of a message on the page.
import { element, icon, wordButton } from "./elements";
import type { Message, Part } from "./frames";
import { JsonView } from "./json_part";
import { Prose } from "./prose";
import { ReasoningView } from "./reasoning";
import { ReceiptView, type ReceiptEnds } from "./receipt";
import { marked } from "./redactions";
import { ToolView } from "./tool_part";

export interface PartView {
  type: Part["type"];
  /** Only of thoughts: there is nothing to open. */
  isHidden?: boolean;
  isReceipt?: boolean;
  element: HTMLElement;
  show(part: Part, growing: boolean): void;
}

export function makePart(part: Part, role: Message["role"], ends: ReceiptEnds): PartView {
  if (part.type === "reasoning") return new ReasoningView(part.hidden === true);
  if (part.type === "notice") return part.receipt ? new ReceiptView(ends) : new NoticeView();
  if (part.type === "json") return new JsonView();
  if (part.type === "tool_call") return new ToolView();
  return role === "user" ? new PlainView() : new TextView();
}

/** Whether a view can show a part, or another must be made. */
export function fits(view: PartView, part: Part): boolean {
  return (
    view.type === part.type &&
    (view.isHidden ?? false) === (part.hidden ?? false) &&
    (view.isReceipt ?? false) === (part.receipt !== undefined)
  );
}

class TextView implements PartView {
  readonly type = "text";
  private readonly prose = new Prose();
  readonly element = this.prose.element;
  private shown = "";
  private done = false;

  show(part: Part, growing: boolean): void {
    if (growing) this.prose.grow(part.text);
    else if (!this.done || part.text !== this.shown) this.prose.finish(part.text);
    this.shown = part.text;
    this.done = !growing;
  }
}

const LONG_LINES = 14;
const LONG_TEXT = 1200;

/** What people wrote is shown as they wrote it; a long text is folded. */
class PlainView implements PartView {
  readonly type = "text";
  readonly element = element("div", "plain");
  private readonly words = element("div", "words");
  private readonly more = wordButton("Show all", "more");
  private shown = "";

  constructor() {
    this.element.append(this.words);
    this.more.setAttribute("aria-expanded", "false");
    this.more.addEventListener("click", () => {
      const open = this.element.classList.toggle("folded") === false;
      this.more.textContent = open ? "Show less" : "Show all";
      this.more.setAttribute("aria-expanded", String(open));
    });
  }

  show(part: Part): void {
    if (this.shown === part.text) return;
    this.shown = part.text;
    this.words.replaceChildren(marked(part.text));
    const isLong = part.text.length > LONG_TEXT || part.text.split("\n", LONG_LINES + 1).length > LONG_LINES;
    this.element.classList.toggle("folded", isLong);
    if (isLong) this.element.append(this.more);
    else this.more.remove();
  }
}

class NoticeView implements PartView {
  readonly type = "notice";
  readonly element = element("p", "notice");

  show(part: Part): void {
    this.element.replaceChildren(icon("info"), element("span", "", part.text));
  }
}
