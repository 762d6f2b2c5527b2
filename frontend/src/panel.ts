// The operator's engine panel: ask for the figures every two seconds and show them.
import { element, must } from "./elements";
import { Card } from "./load_card";
import type { Figures } from "./load_facts";
import { clock } from "./load_tile";

const STEP = 2000;
const OVERLAP_SECONDS = 30;
const UNREACHABLE = "The site cannot be reached. These figures are old; this page tries again by itself.";

class Panel {
  private readonly root = must<HTMLElement>("#engine-load");
  private readonly place = must<HTMLElement>("#load-engines");
  private readonly summary = must<HTMLElement>("#load-summary");
  private readonly clock = must<HTMLElement>("#load-clock");
  private readonly problem = must<HTMLElement>("#load-problem");
  private readonly pause = must<HTMLButtonElement>("#load-pause");
  private readonly cards = new Map<string, Card>();
  private after = 0;
  private paused = false;

  start(): void {
    this.pause.addEventListener("click", () => this.toggle());
    // The admin's theme is a class of the page; a chart must be drawn again to change its colours.
    new MutationObserver(() => this.paint()).observe(document.documentElement, {
      attributeFilter: ["class"],
    });
    void this.goOn();
  }

  private async goOn(): Promise<void> {
    if (!this.paused && !document.hidden) await this.ask();
    setTimeout(() => void this.goOn(), STEP);
  }

  private async ask(): Promise<void> {
    try {
      const answer = await fetch(`${this.root.dataset.figures}?after=${this.after}`, { redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 403) return this.leave();
      if (!answer.ok) return this.complain(UNREACHABLE);
      this.show((await answer.json()) as Figures);
    } catch (error) {
      if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error;
      this.complain(UNREACHABLE);
    }
  }

  private show({ now, problem, engines }: Figures): void {
    this.complain(problem);
    if (problem) return;
    this.clock.textContent = `Updated ${clock(now)}`;
    if (!engines.length) return this.showNone();
    this.summary.textContent = summaryOf(engines);
    if (!this.cards.size) this.place.replaceChildren();
    for (const facts of engines) {
      const card = this.cards.get(facts.id) ?? this.add(facts.id);
      card.show(facts, now);
    }
    // A look at a slow engine is written later than its time says.
    this.after = now - OVERLAP_SECONDS;
    this.forget(new Set(engines.map(({ id }) => id)));
  }

  private add(id: string): Card {
    const card = new Card(id);
    this.cards.set(id, card);
    this.place.append(card.element);
    return card;
  }

  private forget(shown: Set<string>): void {
    for (const [id, card] of this.cards) {
      if (shown.has(id)) continue;
      card.element.remove();
      this.cards.delete(id);
    }
  }

  private showNone(): void {
    this.forget(new Set());
    this.summary.textContent = "No engine yet.";
    if (this.place.querySelector(".load-empty")) return;
    const empty = element("div", "load-empty");
    const link = element("a", "", "Add a model and its address");
    link.href = this.root.dataset.models ?? "";
    empty.append(element("h2", "", "There is no engine to look at"), link);
    this.place.replaceChildren(empty);
  }

  private complain(words: string): void {
    if (this.problem.textContent !== words) this.problem.textContent = words;
    this.problem.hidden = !words;
    this.root.classList.toggle("is-old", Boolean(words));
  }

  /** Who is signed out, or no operator any more, sees nothing further. */
  private leave(): void {
    location.reload();
  }

  private paint(): void {
    for (const card of this.cards.values()) card.paint();
  }

  private toggle(): void {
    this.paused = !this.paused;
    this.pause.setAttribute("aria-pressed", String(this.paused));
  }
}

function summaryOf(engines: Figures["engines"]): string {
  const up = engines.filter(({ state }) => state === "up" || state === "silent").length;
  const all = engines.length === 1 ? "The engine" : `${engines.length} engines:`;
  if (engines.length === 1) return up ? `${all} is up.` : `${all} is not up.`;
  return up === engines.length ? `${all} all are up.` : `${all} ${up} up, ${engines.length - up} not.`;
}

new Panel().start();
