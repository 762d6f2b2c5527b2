// A thought: live with its time and its budget, folded away when it has ended.
import { element, icon } from "./elements";
import type { Part } from "./frames";
import type { PartView } from "./parts";
import { marked } from "./redactions";
import { about, tokensIn, thought } from "./thought";

export class ReasoningView implements PartView {
  readonly type = "reasoning";
  readonly element: HTMLElement;
  private readonly label = element("span", "label");
  private readonly count = element("span", "count");
  private readonly text = element("div", "thoughts");
  private readonly bar = element("progress", "budget");
  private part: Part = { type: "reasoning", text: "" };
  private shown = "";
  private began = 0;
  private timer = 0;

  /** A hidden thought has nothing to open. */
  constructor(readonly isHidden: boolean) {
    this.element = element(isHidden ? "div" : "details", `reasoning${isHidden ? " sealed" : ""}`);
    const line = element(isHidden ? "p" : "summary", "line");
    line.append(icon("thought"), this.label, this.count);
    if (!isHidden) line.append(icon("right"));
    this.bar.setAttribute("aria-label", "Budget of thought");
    this.bar.hidden = true;
    this.element.append(line, ...(isHidden ? [] : [this.text]));
    if (!isHidden) line.append(this.bar);
  }

  show(part: Part, growing: boolean): void {
    this.part = part;
    if (part.text.startsWith(this.shown)) this.text.append(part.text.slice(this.shown.length));
    else this.text.textContent = part.text;
    this.shown = part.text;
    this.element.classList.toggle("live", growing);
    if (growing) return this.live();
    this.rest();
    this.bar.hidden = true;
    this.count.textContent = "";
    this.label.textContent = thought(part, this.began);
    this.text.replaceChildren(marked(part.text));
  }

  private live(): void {
    this.began ||= Date.now() - (this.part.elapsed ?? 0) * 1000;
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
    const { budget, text } = this.part;
    const tokens = tokensIn(text);
    this.count.textContent = this.isHidden ? "" : about(tokens, budget);
    this.bar.hidden = !budget || this.isHidden;
    if (!budget) return;
    this.bar.max = budget;
    this.bar.value = Math.min(tokens, budget);
  }
}
