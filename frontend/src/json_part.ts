// A JSON answer: its text while it is written, then a result to look into.
import { copyButton } from "./code";
import { element, icon } from "./elements";
import type { Part } from "./frames";
import type { PartView } from "./parts";

type Results = typeof import("./json_result");
let loading: Promise<Results> | null = null;

/** The views of JSON, which come when they are first needed; null when they are out of reach for now. */
export async function results(): Promise<Results | null> {
  loading ??= import("./json_result");
  try {
    return await loading;
  } catch {
    loading = null;
    return null;
  }
}

export class JsonView implements PartView {
  readonly type = "json";
  readonly element = element("section", "json");
  private readonly bar = element("div", "json-bar");
  private readonly name = element("span", "json-name");
  private readonly problem = element("p", "json-problem");
  private readonly pre = element("pre");
  private readonly code = element("code");
  private shown = "";
  private ended = "";

  constructor() {
    this.element.setAttribute("role", "group");
    this.pre.append(this.code);
    this.pre.tabIndex = 0;
    this.pre.setAttribute("role", "group");
    this.pre.setAttribute("aria-label", "JSON");
    this.problem.hidden = true;
    this.element.append(this.bar, this.problem, this.pre);
  }

  show(part: Part, growing: boolean): void {
    const label = part.schema || "JSON";
    this.element.setAttribute("aria-label", part.schema ? `JSON: ${part.schema}` : "JSON");
    this.element.classList.toggle("live", growing);
    this.name.replaceChildren(icon("braces"), element("span", "", label));
    this.showText(part.text);
    const now = growing ? "" : JSON.stringify([part.text, part.valid, part.problem, label]);
    if (now === this.ended && this.bar.childElementCount) return;
    this.ended = now;
    this.bar.replaceChildren(this.name);
    this.element.classList.toggle("invalid", !growing && part.valid === false);
    this.showProblem(growing ? "" : problemOf(part));
    if (growing) this.element.replaceChildren(this.bar, this.problem, this.pre);
    else void this.dress(part, now);
  }

  private showText(text: string): void {
    if (text.startsWith(this.shown)) this.code.append(text.slice(this.shown.length));
    else this.code.textContent = text;
    this.shown = text;
  }

  private showProblem(words: string): void {
    this.problem.hidden = !words;
    if (words) this.problem.replaceChildren(icon("warn"), element("span", "", words));
  }

  private async dress(part: Part, ended: string): Promise<void> {
    const views = await results();
    // Written again meanwhile.
    if (this.ended !== ended) return;
    const result = views?.resultOf(part.text, part.schema ?? "", part.valid !== false) ?? null;
    this.bar.replaceChildren(this.name, ...(result?.bar ?? [copyButton(() => part.text, "Copy the JSON")]));
    this.element.replaceChildren(this.bar, this.problem, result?.body ?? this.pre);
    if (!result && views && part.valid === undefined) this.showProblem(CUT);
  }
}

const CUT = "The answer ended before this was whole.";

function problemOf(part: Part): string {
  return part.valid === false ? part.problem || "This is not valid JSON." : "";
}
