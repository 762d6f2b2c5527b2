// One engine: what it is, how it is, what to know, and its charts.
import { element } from "./elements";
import type { EngineFacts } from "./load_facts";
import { History } from "./load_history";
import { TILES, count, lasting, type Tile } from "./load_tiles";
import { TileView, clock, say } from "./load_tile";

const DAY = 86_400;

const STATES: Record<EngineFacts["state"], string> = {
  up: "Up",
  silent: "Up, without metrics",
  down: "Down",
  unknown: "Not looked at",
};

export class Card {
  readonly element = element("article", "engine-card");
  private readonly state = element("p", "engine-state");
  private readonly origin = element("p", "engine-origin");
  private readonly warnings = element("ul", "engine-warnings");
  private readonly tiles = element("div", "tiles");
  private readonly untold = element("p", "engine-untold");
  private readonly heading = element("h2");
  private readonly history = new History();
  private readonly views = new Map<Tile, TileView>();

  constructor(id: string) {
    this.heading.id = `engine-${id}`;
    this.element.setAttribute("aria-labelledby", this.heading.id);
    this.warnings.setAttribute("aria-live", "polite");
    const top = element("header", "engine-top");
    top.append(this.heading, this.state);
    this.element.append(top, this.origin, this.warnings, this.tiles, this.untold);
  }

  show(facts: EngineFacts, now: number): void {
    this.history.add(facts.samples, now);
    this.element.dataset.state = facts.state;
    say(this.heading, facts.model);
    say(this.state, stateOf(facts, now));
    say(this.origin, originOf(facts));
    this.warn(facts);
    for (const tile of TILES) this.draw(tile, now);
    this.admit(facts);
  }

  paint(): void {
    for (const view of this.views.values()) view.paint();
  }

  private draw(tile: Tile, now: number): void {
    const told = tile.lines.filter(({ name }) => this.history.tells(name));
    const view = this.views.get(tile);
    if (view) view.show(this.history, now);
    else if (told.length) {
      const made = new TileView(tile, tile.lines, this.tiles);
      this.views.set(tile, made);
      this.arrange();
      made.show(this.history, now);
    }
  }

  /** A number that is told for the first time finds its place among the others. */
  private arrange(): void {
    this.tiles.append(...TILES.flatMap((tile) => this.views.get(tile)?.element ?? []));
  }

  private warn({ warnings, words, state }: EngineFacts): void {
    const all = state === "down" && words ? [...warnings, words] : warnings;
    if ([...this.warnings.children].map((one) => one.textContent).join() === all.join()) return;
    this.warnings.replaceChildren(...all.map((one) => element("li", "", one)));
  }

  /** Say what this engine does not tell, instead of showing empty charts. */
  private admit({ state }: EngineFacts): void {
    const missing = TILES.filter((tile) => !this.views.has(tile)).map(({ title }) => title);
    const shown = state === "up" && missing.length;
    say(
      this.untold,
      shown ? `Not told by this engine, or not yet: ${missing.join(", ").toLowerCase()}.` : "",
    );
  }
}

function stateOf({ state, since }: EngineFacts, now: number): string {
  if (since === null) return STATES[state];
  return `${STATES[state]} since ${momentOf(since, now)} (${lasting(now - since)})`;
}

function momentOf(at: number, now: number): string {
  if (now - at < DAY) return clock(at);
  return new Date(at * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

function originOf({ address, server, most }: EngineFacts): string {
  return [address, server, most ? `${count(most)} answers at once` : ""].filter(Boolean).join(" · ");
}
