// What an assistant's model wanted done: a tool and its arguments. This version runs none.
import { element, icon } from "./elements";
import type { Part } from "./frames";
import { results } from "./json_part";
import type { PartView } from "./parts";

const NOT_RUN = "Not run: the assistant names this tool, and this version does not run tools.";

export class ToolView implements PartView {
  readonly type = "tool_call";
  readonly element = element("section", "tool");
  private shown = "";

  constructor() {
    this.element.setAttribute("role", "group");
  }

  show(part: Part): void {
    const now = JSON.stringify([part.name, part.text, part.problem]);
    if (now === this.shown) return;
    this.shown = now;
    const head = element("div", "tool-head");
    const words = element("p", part.problem ? "tool-words problem" : "tool-words");
    const pre = element("pre");
    head.append(
      icon("tool"),
      element("strong", "", part.name || "A tool without a name"),
      element("span", "pill", "Not run"),
    );
    words.append(...(part.problem ? [icon("warn")] : []), element("span", "", part.problem || NOT_RUN));
    pre.append(element("code", "", part.text));
    pre.tabIndex = 0;
    pre.setAttribute("role", "group");
    pre.setAttribute("aria-label", "Arguments");
    this.element.setAttribute("aria-label", `Tool call: ${part.name ?? ""}`);
    this.element.replaceChildren(head, pre, words);
    if (!part.problem) void this.dress(pre, part.text, now);
  }

  private async dress(pre: HTMLElement, text: string, shown: string): Promise<void> {
    const views = await results();
    if (this.shown !== shown) return;
    const tree = views?.treeOf(text, "Arguments");
    if (tree) pre.replaceWith(tree);
  }
}
