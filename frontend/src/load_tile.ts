// A chart with its numbers beside it. The numbers say what the picture shows, for now or for where the pointer is.
import { element } from "./elements";
import { Chart } from "./load_chart";
import type { History } from "./load_history";
import type { Line, Tile } from "./load_tiles";

const NOT_KNOWN = "–";

export class TileView {
  readonly element = element("figure", "tile");
  private readonly when = element("span", "tile-when");
  private readonly values = new Map<Line, HTMLElement>();
  private readonly peaks = new Map<Line, HTMLElement>();
  private readonly chart: Chart;
  private history: History | null = null;
  private row: number | null = null;

  constructor(
    private readonly tile: Tile,
    private readonly lines: Line[],
    place: HTMLElement,
  ) {
    const caption = element("figcaption", "tile-title", tile.title);
    caption.append(this.when);
    const numbers = element("dl", "tile-numbers");
    for (const line of lines) numbers.append(this.number(line));
    const picture = element("div", "tile-chart");
    picture.setAttribute("aria-hidden", "true");
    const axis = element("div", "tile-axis");
    axis.setAttribute("aria-hidden", "true");
    axis.append(element("span", "", "15 min ago"), element("span", "", "now"));
    this.element.append(caption, numbers, picture, axis);
    // A chart measures its place, so it must stand on the page.
    place.append(this.element);
    this.chart = new Chart(picture, tile, lines, (row) => this.point(row));
  }

  show(history: History, now: number): void {
    this.history = history;
    this.chart.show(history, now);
    this.write();
  }

  paint(): void {
    this.chart.paint();
  }

  private point(row: number | null): void {
    this.row = row;
    this.write();
  }

  private write(): void {
    const at = this.row === null ? undefined : this.history?.at[this.row];
    this.when.textContent = at ? clock(at) : this.tile.sum ? "in 15 min" : "";
    for (const [line, place] of this.values) say(place, this.words(this.value(line)));
    for (const [line, place] of this.peaks)
      say(place, `at most ${this.words(this.history?.most(line.name) ?? null)}`);
  }

  private words(value: number | null): string {
    return value === null ? NOT_KNOWN : this.tile.write(value);
  }

  private value({ name }: Line): number | null {
    if (!this.history) return null;
    if (this.row !== null) return this.history.column(name)[this.row] ?? null;
    return this.tile.sum ? this.history.total(name, 0) : this.history.newest(name);
  }

  private number(line: Line): HTMLElement {
    const pair = element("div", `tile-number ${line.ink}${line.dashed ? " dashed" : ""}`);
    const value = element("dd", "value", NOT_KNOWN);
    this.values.set(line, value);
    pair.append(element("dt", "", line.label), value);
    if (!this.tile.sum) {
      const peak = element("dd", "most");
      this.peaks.set(line, peak);
      pair.append(peak);
    }
    return pair;
  }
}

export function clock(at: number): string {
  return new Date(at * 1000).toLocaleTimeString("en-GB");
}

/** Change an element's words only when they are others: nothing is read out twice. */
export function say(place: HTMLElement, words: string): void {
  if (place.textContent !== words) place.textContent = words;
}
