// The parts of a message on the page: prose, what people wrote, notices, reasoning.
import { element, icon, wordButton } from "./elements";
import type { Message, Part } from "./frames";
import { Prose } from "./prose";
import { thought } from "./thought";

export interface PartView {
  type: Part["type"];
  element: HTMLElement;
  show(part: Part, growing: boolean): void;
}

export function makePart(part: Part, role: Message["role"]): PartView {
  if (part.type === "reasoning") return new ReasoningView();
  if (part.type === "notice") return new NoticeView();
  return role === "user" ? new PlainView() : new TextView();
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
    if (this.words.textContent === part.text) return;
    this.words.textContent = part.text;
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

class ReasoningView implements PartView {
  readonly type = "reasoning";
  readonly element = element("details", "reasoning");
  private readonly label = element("span", "label");
  private readonly text = element("div", "thoughts");
  private shown = "";
  private began = 0;
  private timer = 0;

  constructor() {
    const summary = element("summary");
    summary.append(icon("thought"), this.label, icon("right"));
    this.element.append(summary, this.text);
  }

  show(part: Part, growing: boolean): void {
    if (part.text.startsWith(this.shown)) this.text.append(part.text.slice(this.shown.length));
    else this.text.textContent = part.text;
    this.shown = part.text;
    this.element.classList.toggle("live", growing);
    if (growing) return this.live();
    this.rest();
    this.label.textContent = thought(part, this.began);
  }

  private live(): void {
    this.began ||= Date.now();
    this.timer ||= window.setInterval(() => (this.element.isConnected ? this.tick() : this.rest()), 1000);
    this.tick();
  }

  /** Ended, or taken off the page in the midst of a thought. */
  private rest(): void {
    clearInterval(this.timer);
    this.timer = 0;
  }

  private tick(): void {
    const seconds = Math.round((Date.now() - this.began) / 1000);
    this.label.textContent = seconds < 2 ? "Thinking…" : `Thinking… ${seconds} s`;
  }
}
