// One message on the page.
import { copyButton } from "./code";
import { button, element, icon, wordButton } from "./elements";
import { type Message, type Part } from "./frames";
import { Prose } from "./prose";
import { isActive } from "./store";

export interface Actions {
  regenerate(message: Message): void;
  goOn(message: Message): void;
  edit(message: Message): void;
  select(id: string): void;
}

export class MessageView {
  readonly element: HTMLElement;
  private readonly body = element("div", "body");
  private readonly foot = element("div", "foot");
  private parts: PartView[] = [];

  constructor(
    private message: Message,
    private readonly actions: Actions,
  ) {
    this.element = element("article", `message ${message.role}`);
    this.element.dataset.id = message.id;
    this.element.setAttribute("aria-label", message.role === "user" ? "You" : "Answer");
    this.element.append(this.body, this.foot);
    this.show(message);
  }

  /** Show the message again; parts that only grew are grown. */
  show(message: Message): void {
    this.message = message;
    const writing = isActive(message);
    this.element.classList.toggle("writing", writing);
    this.element.dataset.state = message.state;
    message.parts.forEach((part, index) =>
      this.showPart(part, index, writing && index === message.parts.length - 1),
    );
    while (this.parts.length > message.parts.length) this.parts.pop()?.element.remove();
    this.showWaiting(writing && !message.parts.length);
    if (!writing || !this.foot.hasChildNodes()) this.foot.replaceChildren(...this.footer(writing));
  }

  private showPart(part: Part, index: number, growing: boolean): void {
    let view = this.parts[index];
    if (view && view.type !== part.type) {
      view.element.remove();
      view = undefined;
    }
    if (!view) {
      view = makePart(part, this.message.role);
      this.parts[index] = view;
      this.body.insertBefore(view.element, this.body.children[index] ?? null);
    }
    view.show(part, growing);
  }

  private showWaiting(waiting: boolean): void {
    const shown = this.body.querySelector(".waiting");
    if (waiting && !shown) this.body.append(waitingDots());
    if (!waiting) shown?.remove();
  }

  private footer(writing: boolean): Node[] {
    if (writing) return [];
    const { message } = this;
    const words = message.words ? [this.stateWords()] : [];
    const bar = element("div", "actions");
    if (message.siblings.length > 1) bar.append(this.siblings());
    bar.append(copyButton(() => textOf(message), message.role === "user" ? "Copy message" : "Copy answer"));
    if (message.role === "user") {
      const edit = button("edit", "Edit and send again");
      edit.addEventListener("click", () => this.actions.edit(message));
      bar.append(edit);
    } else {
      const again = button("again", "Try again");
      again.addEventListener("click", () => this.actions.regenerate(message));
      bar.append(again);
      if (message.model) bar.append(element("span", "model", message.model));
    }
    return [...words, bar];
  }

  private stateWords(): HTMLElement {
    const { message } = this;
    const line = element("p", `state ${message.state}`);
    line.append(icon(message.state === "stopped" ? "stop" : "warn"), element("span", "", message.words));
    if (message.state === "interrupted") {
      const on = wordButton("Continue", "button small");
      on.addEventListener("click", () => this.actions.goOn(message));
      line.append(on);
    } else if (message.state === "failed") {
      const again = wordButton("Try again", "button small");
      again.addEventListener("click", () => this.actions.regenerate(message));
      line.append(again);
    }
    return line;
  }

  private siblings(): HTMLElement {
    const { siblings, id } = this.message;
    const at = siblings.indexOf(id);
    const box = element("span", "siblings");
    const step = (name: string, label: string, to: string | undefined) => {
      const one = button(name, label);
      one.disabled = !to;
      if (to) one.addEventListener("click", () => this.actions.select(to));
      return one;
    };
    box.append(
      step("left", "Earlier version", siblings[at - 1]),
      element("span", "", `${at + 1} / ${siblings.length}`),
      step("right", "Later version", siblings[at + 1]),
    );
    return box;
  }
}

interface PartView {
  type: Part["type"];
  element: HTMLElement;
  show(part: Part, growing: boolean): void;
}

function makePart(part: Part, role: Message["role"]): PartView {
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

/** What people wrote is shown as they wrote it. */
class PlainView implements PartView {
  readonly type = "text";
  readonly element = element("div", "plain");

  show(part: Part): void {
    if (this.element.textContent !== part.text) this.element.textContent = part.text;
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
  private since = Date.now();
  private timer = 0;

  constructor() {
    const summary = element("summary");
    summary.append(icon("thought"), this.label);
    this.element.append(summary, this.text);
  }

  show(part: Part, growing: boolean): void {
    const known = this.text.textContent ?? "";
    if (part.text.startsWith(known)) this.text.append(part.text.slice(known.length));
    else this.text.textContent = part.text;
    this.element.classList.toggle("live", growing);
    if (growing && !this.timer) this.timer = window.setInterval(() => this.tick(), 1000);
    if (growing) return this.tick();
    clearInterval(this.timer);
    this.timer = 0;
    this.label.textContent = thought(part, this.since);
  }

  private tick(): void {
    const seconds = Math.round((Date.now() - this.since) / 1000);
    this.label.textContent = seconds < 2 ? "Thinking…" : `Thinking… ${seconds} s`;
  }
}

function thought(part: Part, since: number): string {
  const seconds = part.seconds ?? (Date.now() - since) / 1000;
  const time =
    seconds < 60
      ? `${Math.max(1, Math.round(seconds))} s`
      : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return part.tokens ? `Thought for ${time} · ${part.tokens} tokens` : `Thought for ${time}`;
}

function waitingDots(): HTMLElement {
  const dots = element("div", "waiting");
  dots.setAttribute("role", "status");
  dots.append(element("span", "sr", "Waiting for the answer"), element("i"), element("i"), element("i"));
  return dots;
}

export function textOf(message: Message): string {
  return message.parts
    .filter((part) => part.type === "text")
    .map((part) => part.text)
    .join("");
}
