// A chart over time, drawn from the table that stands below it: both show the same numbers.
import uPlot from "uplot";
import { must } from "./elements";
import { CURSOR, FONT, fit, paint, pointing, valueAxis } from "./plot";

const HEIGHT = 220;
const AXIS = 44;
// A label of the axis below needs about as many pixels.
const LABEL = 84;
const WRITERS: Record<string, (value: number) => string> = {
  count: (value) => value.toLocaleString("en"),
  share: (value) => `${(value * 100).toLocaleString("en", { maximumFractionDigits: 1 })}%`,
};

const SHORT = new Intl.NumberFormat("en", { notation: "compact" });

interface Step {
  at: Date;
  values: (number | null)[];
}

class TimeChart {
  private readonly place: HTMLElement;
  private readonly when: HTMLElement;
  private readonly totals: HTMLElement[];
  private readonly swatches: HTMLElement[];
  private readonly steps: Step[];
  private readonly words: string;
  private readonly said: (string | null)[];
  private readonly plot: uPlot;

  constructor(private readonly figure: HTMLElement) {
    this.place = must(".chart-plot", figure);
    this.when = must(".chart-when", figure);
    this.totals = [...figure.querySelectorAll<HTMLElement>(".chart-legend b")];
    this.swatches = [...figure.querySelectorAll<HTMLElement>(".chart-legend .swatch")];
    this.steps = stepsOf(must("table", figure));
    this.words = this.when.textContent ?? "";
    this.said = this.totals.map(({ textContent }) => textContent);
    this.plot = new uPlot(this.options(), this.data(), this.place);
    fit(this.plot, this.place);
  }

  /** Draw again: the theme has changed its colours. */
  paint(): void {
    paint(this.plot);
  }

  private get stacked(): boolean {
    return this.figure.dataset.timeChart === "bars";
  }

  private get counts(): boolean {
    return this.figure.dataset.write !== "share";
  }

  /** The axis has room for few characters. */
  private short(value: number): string {
    return this.counts && value >= 10_000 ? SHORT.format(value) : this.write(value);
  }

  private write(value: number | null): string {
    const { write = "count" } = this.figure.dataset;
    return value === null ? "–" : (WRITERS[write]?.(value) ?? String(value));
  }

  private point(row: number | null): void {
    const step = row === null ? undefined : this.steps[row];
    this.when.textContent = step ? moment(step.at, { weekday: "short" }) : this.words;
    this.totals.forEach((place, line) => {
      place.textContent = step ? this.write(step.values[line] ?? null) : (this.said[line] ?? "");
    });
  }

  /** Bars stand on one another: the highest is drawn first, and the others before it. */
  private data(): uPlot.AlignedData {
    const rows = this.steps.map((_step, row) => row);
    const lines = this.totals.map((_total, line) => this.steps.map(({ values }) => values[line] ?? null));
    if (!this.stacked) return [rows, ...lines];
    const sums = lines.map((_line, last) =>
      rows.map((row) => lines.slice(0, last + 1).reduce((sum, line) => sum + (line[row] ?? 0), 0)),
    );
    return [rows, ...sums.reverse()];
  }

  private ink(line: number): string {
    const swatch = this.swatches[line];
    return swatch ? getComputedStyle(swatch).backgroundColor : "";
  }

  private readonly theme = (name: string): string => {
    const probe = name === "grid" ? "borderTopColor" : "color";
    return getComputedStyle(this.place)[probe];
  };

  private options(): uPlot.Options {
    const last = this.steps.length - 1;
    return {
      width: this.place.clientWidth || 280,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: this.stacked ? { ...CURSOR, points: { show: false } } : CURSOR,
      scales: {
        x: { time: false, range: () => [-0.5, last + 0.5] },
        y: { range: (_plot, low, high) => this.range(low, high) },
      },
      axes: [
        {
          size: 26,
          gap: 6,
          grid: { show: false },
          ticks: { show: false },
          font: FONT,
          stroke: () => this.theme("words"),
          splits: (plot) => this.labelled(plot.width - AXIS),
          values: (_plot, rows) => rows.map((row) => this.label(row)),
        },
        valueAxis({ ink: this.theme, write: (value) => this.short(value), size: AXIS, whole: this.counts }),
      ],
      series: [{}, ...this.series()],
      hooks: pointing((row) => this.point(row)),
    };
  }

  private range(low: number | null, high: number | null): [number, number] {
    if (this.counts) return [0, Math.max(high ?? 0, 4) * 1.08];
    return [Math.max(0, Math.min((low ?? 1) - 0.02, 0.9)), 1.005];
  }

  private labelled(width: number): number[] {
    const most = Math.max(2, Math.floor(width / LABEL));
    const every = Math.max(1, Math.ceil(this.steps.length / most));
    return this.steps.map((_step, row) => row).filter((row) => row % every === 0);
  }

  private label(row: number): string {
    const step = this.steps[row];
    return step ? moment(step.at, {}, this.shortest) : "";
  }

  /** Within a day hours tell steps apart, else days do. */
  private get shortest(): "time" | "day" {
    const [first, last] = [this.steps[0], this.steps.at(-1)];
    return first && last && +last.at - +first.at < 86_400_000 ? "time" : "day";
  }

  private series(): uPlot.Series[] {
    const lines = this.totals.map((_total, line) => this.one(line));
    return this.stacked ? lines.reverse() : lines;
  }

  private one(line: number): uPlot.Series {
    const stroke = (): string => this.ink(line);
    if (!this.stacked)
      return { stroke, width: 2, spanGaps: true, points: { show: true, size: 5, fill: stroke } };
    const paths = uPlot.paths.bars?.({ size: [0.8, 48] });
    return { fill: stroke, width: 0, points: { show: false }, ...(paths ? { paths } : {}) };
  }
}

function stepsOf(table: HTMLTableElement): Step[] {
  const rows = [...(table.tBodies[0]?.rows ?? [])].reverse();
  return rows.map((row) => ({
    at: new Date(must<HTMLTimeElement>("time", row).dateTime),
    values: [...row.querySelectorAll("td")].map(({ dataset }) =>
      dataset.value ? Number(dataset.value) : null,
    ),
  }));
}

function moment(at: Date, more: Intl.DateTimeFormatOptions, only: "time" | "day" | "both" = "both"): string {
  const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", ...more };
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  const shown = only === "time" ? time : only === "day" ? day : { ...day, ...time };
  return at.toLocaleString("en-GB", { timeZone: "UTC", ...shown });
}

const drawn = new Map<HTMLElement, TimeChart>();

/** Draw the charts of the page that are not drawn yet, and forget those that are gone. */
export function drawCharts(): void {
  for (const figure of drawn.keys()) if (!figure.isConnected) drawn.delete(figure);
  for (const figure of document.querySelectorAll<HTMLElement>("[data-time-chart]"))
    if (!drawn.has(figure)) drawn.set(figure, new TimeChart(figure));
}

function paintAll(): void {
  // The page has its new colours by the next frame.
  requestAnimationFrame(() => {
    for (const chart of drawn.values()) chart.paint();
  });
}

// Colours are read when a chart is drawn, so each theme needs a drawing of its own.
new MutationObserver(paintAll).observe(document.documentElement, {
  attributeFilter: ["data-theme", "class"],
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintAll);
