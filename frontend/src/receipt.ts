// The receipt of what a policy withheld: what happened, by which rule, and what one can do.
import { element, icon, wordButton } from "./elements";
import type { Part, Receipt } from "./frames";
import type { PartView } from "./parts";

const NOTE_MOST = 1000;
const KINDS: Record<string, string> = {
  words: "Rule about words",
  pattern: "Rule about a pattern",
  "personal data": "Rule about personal data",
  classifier: "Judged by a classifier",
  "check failed": "The check did not work",
  risk: "Earlier messages count",
};
const ASKED = "You asked for a review. You are told here what comes of it.";
const WAITS = "You are told here what comes of it. Nothing else is needed from you.";

export interface ReceiptEnds {
  /** Offered for the person's own message. */
  edit?: () => void;
  /** Offered for an answer. */
  again?: () => void;
  /** Returns "" when the review was asked for, or else why it was not. */
  appeal(note: string): Promise<string>;
}

export class ReceiptView implements PartView {
  readonly type = "notice";
  readonly isReceipt = true;
  readonly element = element("div", "receipt");
  private readonly what = element("div", "what");
  private readonly rule = element("p", "rule");
  private readonly told = element("p", "said");
  private readonly does = element("div", "does");
  private shown = "";

  constructor(private readonly ends: ReceiptEnds) {
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "What the policy did");
    this.element.append(this.what, this.told, this.rule, this.does);
  }

  show(part: Part): void {
    const now = JSON.stringify(part);
    const { receipt } = part;
    // A note that is being written stays while nothing has changed.
    if (now === this.shown || !receipt) return;
    this.shown = now;
    this.element.className = `receipt ${lookOf(receipt)}`;
    this.element.dataset.state = receipt.state;
    this.element.querySelector("form")?.remove();
    this.what.replaceChildren(icon(ICONS[lookOf(receipt)] ?? "shield"), words(part.text, receipt));
    this.rule.replaceChildren(ruleWords(receipt), ...guidance());
    this.told.textContent = receipt.note ?? "";
    this.told.hidden = !receipt.note;
    this.does.replaceChildren(...this.buttons(receipt));
    this.does.hidden = !this.does.childElementCount;
  }

  private buttons(receipt: Receipt): HTMLElement[] {
    if (receipt.state === "overturned") return [];
    const made: HTMLElement[] = [];
    if (this.ends.edit) made.push(does("Edit and send again", this.ends.edit));
    if (this.ends.again && receipt.verdict === "block") made.push(does("Try again", this.ends.again));
    if (receipt.can_appeal && receipt.state === "kept")
      made.push(does("Ask for a review", () => this.askForReview()));
    return made;
  }

  private askForReview(): void {
    const form = appealForm(this.ends.appeal, () => {
      form.remove();
      this.does.hidden = false;
      this.does.querySelector<HTMLElement>("button:last-child")?.focus();
    });
    this.does.hidden = true;
    this.element.append(form);
    form.querySelector("textarea")?.focus();
  }
}

const ICONS: Record<string, string> = { held: "clock", asked: "clock", overturned: "check" };

function lookOf({ state, verdict }: Receipt): string {
  if (state === "open") return verdict === "hold" ? "held" : "asked";
  return state;
}

/** What a receipt says, as it is read out; "" where there is none. */
export function receiptWords(parts: Part[]): string {
  const part = parts.find(({ receipt }) => receipt);
  const { text = "", receipt } = part ?? {};
  return [text, receipt && nextOf(receipt), receipt?.note].filter(Boolean).join(" ");
}

function nextOf({ state, verdict }: Receipt): string {
  if (state !== "open") return "";
  return verdict === "hold" ? WAITS : ASKED;
}

/** The first sentence says what happened; the rest says why and what comes next. */
function words(text: string, receipt: Receipt): HTMLElement {
  const end = text.indexOf(". ");
  const box = element("div");
  const next = nextOf(receipt);
  box.append(element("strong", "", end < 0 ? text : text.slice(0, end + 1)));
  for (const one of [end < 0 ? "" : text.slice(end + 2), next]) if (one) box.append(one, " ");
  return box;
}

function ruleWords({ kind, policy, version }: Receipt): string {
  return [KINDS[kind] ?? kind, version ? `Policy “${policy}”, version ${version}` : policy]
    .filter(Boolean)
    .join(" · ");
}

/** Where the organization has put its rules of use, if it has. */
function guidance(): (Node | string)[] {
  const address = document.querySelector<HTMLElement>("[data-guidance]")?.dataset.guidance;
  if (!address) return [];
  const link = element("a", "", "Rules of use");
  Object.assign(link, { href: address, target: "_blank", rel: "noopener noreferrer" });
  return [" · ", link];
}

function does(name: string, act: () => void): HTMLElement {
  const made = wordButton(name, "button quiet small");
  made.addEventListener("click", act);
  return made;
}

let forms = 0;

function appealForm(appeal: (note: string) => Promise<string>, away: () => void): HTMLFormElement {
  const form = element("form");
  const label = element("label", "", "What should the reviewer know? (optional)");
  const note = element("textarea");
  const row = element("div", "row");
  const hint = element(
    "span",
    "hint",
    "A reviewer reads the part in question, a little around it, and this note.",
  );
  const send = wordButton("Ask for a review", "button small");
  const cancel = wordButton("Cancel", "button quiet small");
  label.htmlFor = note.id = `appeal-${++forms}`;
  note.rows = 3;
  note.maxLength = NOTE_MOST;
  hint.setAttribute("role", "status");
  send.type = "submit";
  row.append(hint, cancel, send);
  form.append(label, note, row);
  cancel.addEventListener("click", away);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    away();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send.disabled = true;
    void appeal(note.value).then((problem) => {
      // What went well is shown by the receipt itself.
      if (!problem) return;
      hint.textContent = problem;
      send.disabled = false;
    });
  });
  return form;
}
