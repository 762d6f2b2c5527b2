// One message on the page.
import { answerMenu } from "./answer_menu";
import { cutOff } from "./blocks";
import { copyButton } from "./code";
import { editor } from "./editor";
import type { Effort } from "./effort";
import { button, element, icon, wordButton } from "./elements";
import type { Line, Message, Part } from "./frames";
import { LineView } from "./line_view";
import { fits, makePart, type PartView } from "./parts";
import type { ReceiptEnds } from "./receipt";
import { isActive } from "./store";
import { toast } from "./toast";
import type { Withheld } from "./withheld";

export interface Actions {
  /** Have another answer written; an effort is for that one alone. */
  regenerate(message: Message, effort?: Effort): void;
  details(message: Message): void;
  /** The efforts that one may choose from. */
  efforts(): Effort[];
  goOn(message: Message): void;
  /** Leave the line before the answer has begun. */
  leaveLine(): void;
  /** Returns whether the text was taken; it stays in the editor otherwise. */
  edit(message: Message, text: string): boolean;
  select(id: string): void;
  withheld: Pick<Withheld, "text" | "appeal">;
}

const CUT = ["withheld", "held"];

function asShown(part: Part, index: number, { parts, role, state }: Message): Part {
  const isText = role === "assistant" && part.type === "text";
  const isCut = isText && CUT.includes(state) && parts[index + 1]?.receipt !== undefined;
  return isCut ? { ...part, text: cutOff(part.text) } : part;
}

export class MessageView {
  readonly element: HTMLElement;
  private readonly body = element("div", "body");
  private readonly foot = element("div", "foot");
  private parts: PartView[] = [];
  private line: LineView | null = null;
  private footing = "";

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
    this.element.classList.toggle("void", isVoid(message));
    if (message.role === "assistant") this.element.setAttribute("aria-busy", String(writing));
    message.parts.forEach((part, index) =>
      this.showPart(asShown(part, index, message), index, writing && index === message.parts.length - 1),
    );
    while (this.parts.length > message.parts.length) this.parts.pop()?.element.remove();
    const waiting = writing && !message.parts.some((part) => part.type !== "notice");
    const line = message.state === "queued" && waiting ? message.line : undefined;
    this.showLine(line);
    this.showWaiting(waiting && !line);
    this.showFoot(writing);
  }

  private showPart(part: Part, index: number, growing: boolean): void {
    let view = this.parts[index];
    if (view && !fits(view, part)) {
      view.element.remove();
      view = undefined;
    }
    if (!view) {
      view = makePart(part, this.message.role, this.receiptEnds());
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

  private showLine(line: Line | undefined): void {
    if (line && !this.line) {
      this.line = new LineView(() => this.actions.leaveLine());
      this.body.append(this.line.element);
    }
    if (line) return this.line?.show(line);
    this.line?.element.remove();
    this.line = null;
  }

  /** The foot is only made again when it says something else: a button under the pointer stays. */
  private showFoot(writing: boolean): void {
    const { state, words, model, siblings, usage, generation, effort } = this.message;
    const about = [hasReceipt(this.message), hasText(this.message)];
    const now = JSON.stringify([writing, state, words, model, siblings, usage, generation, effort, about]);
    if (now === this.footing) return;
    this.footing = now;
    this.foot.replaceChildren(...(writing ? [] : this.footer()));
  }

  private footer(): Node[] {
    const { message } = this;
    const bar = element("div", "actions");
    if (message.siblings.length > 1) bar.append(this.siblings());
    if (hasText(message) || !hasReceipt(message))
      bar.append(
        copyButton(() => textOf(this.message), message.role === "user" ? "Copy message" : "Copy answer"),
      );
    bar.append(this.redo());
    if (message.role === "assistant" && message.generation) bar.append(answerMenu(message, this.actions));
    const facts = factsOf(message);
    if (facts) bar.append(element("span", "facts", facts));
    // A receipt says it better.
    return message.words && !hasReceipt(message) ? [this.stateWords(), bar] : [bar];
  }

  private redo(): HTMLElement {
    const isUser = this.message.role === "user";
    const made = isUser ? button("edit", "Edit and send again") : button("again", "Write another answer");
    made.addEventListener("click", () => (isUser ? this.editOwn() : this.actions.regenerate(this.message)));
    return made;
  }

  private receiptEnds(): ReceiptEnds {
    const again = () => this.actions.regenerate(this.message);
    return {
      ...(this.message.role === "user" ? { edit: () => this.editOwn() } : { again }),
      appeal: (note) => this.actions.withheld.appeal(this.message, note),
    };
  }

  /** Edit the message; what was withheld of it is fetched first. */
  private editOwn(): void {
    const { message } = this;
    if (hasText(message) || !hasReceipt(message)) return this.edit(textOf(message));
    void this.actions.withheld.text(message).then((text) => {
      if (text === null) toast({ text: NOT_KEPT });
      this.edit(text ?? "");
    });
  }

  private edit(text: string): void {
    // Pressed twice while the text was on its way.
    if (this.element.classList.contains("editing")) return;
    const back = () => {
      form.remove();
      this.element.classList.remove("editing");
    };
    const form = editor(text, {
      cancel: back,
      send: (text) => {
        if (this.actions.edit(this.message, text)) back();
      },
    });
    this.element.classList.add("editing");
    this.element.append(form);
  }

  private stateWords(): HTMLElement {
    const { message } = this;
    const line = element("p", `state ${message.state}`);
    line.append(icon(message.state === "stopped" ? "stop" : "warn"), element("span", "", message.words));
    const does =
      message.state === "interrupted"
        ? { words: "Continue", act: () => this.actions.goOn(message) }
        : message.state === "failed"
          ? { words: "Try again", act: () => this.actions.regenerate(message) }
          : null;
    if (!does) return line;
    const doing = wordButton(does.words, "button quiet small");
    // It stays as it is: the server takes only one, and what could not be sent is pressed again.
    doing.addEventListener("click", does.act);
    line.append(doing);
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
    const place = element("span", "", `${at + 1} / ${siblings.length}`);
    place.setAttribute("aria-label", `Version ${at + 1} of ${siblings.length}`);
    place.setAttribute("role", "img");
    box.append(
      step("left", "Earlier version", siblings[at - 1]),
      place,
      step("right", "Later version", siblings[at + 1]),
    );
    return box;
  }
}

const NOT_KEPT = "The text of this message was not kept. Write it again here.";

function hasText({ parts }: Message): boolean {
  return parts.some((part) => (part.type === "text" || part.type === "json") && part.text);
}

function hasReceipt(message: Message): boolean {
  return message.parts.some((part) => part.receipt);
}

/** An answer that never began, because its prompt was withheld: there is nothing to show. */
function isVoid({ role, state, parts, siblings }: Message): boolean {
  const isOver = state === "withheld" || state === "held";
  return role === "assistant" && isOver && !parts.length && siblings.length < 2;
}

function factsOf(message: Message): string {
  if (message.role === "user") return clock(message.created);
  const tokens = message.usage?.answer;
  const about = message.usage?.estimated ? "about " : "";
  const count = tokens ? `${about}${tokens.toLocaleString()} tokens` : "";
  return [message.model, count].filter(Boolean).join(" · ");
}

function clock(created: string): string {
  const when = new Date(created);
  if (Number.isNaN(when.valueOf())) return "";
  const isToday = when.toDateString() === new Date().toDateString();
  return when.toLocaleString(
    [],
    isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" },
  );
}

function waitingDots(): HTMLElement {
  const dots = element("div", "waiting");
  dots.append(element("span", "sr", "Waiting for the answer"), element("i"), element("i"), element("i"));
  return dots;
}

export function textOf(message: Message): string {
  return message.parts
    .filter((part) => part.type === "text" || part.type === "json")
    .map((part) => part.text)
    .join("");
}
