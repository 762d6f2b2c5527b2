// One small chart. It only shows what the numbers beside it say, so it is hidden from those who cannot see it.
import uPlot from "uplot";
import { SHOWN_SECONDS, type History } from "./load_history";
import type { Line, Tile } from "./load_tiles";
import { CURSOR, fit, grid, paint, pointing, valueAxis } from "./plot";

const HEIGHT = 104;
const AXIS = 46;

export class Chart {
  private readonly plot: uPlot;
  private now = 0;

  /** `told` hears which row the pointer is at, or null when it is nowhere. */
  constructor(
    private readonly place: HTMLElement,
    private readonly tile: Tile,
    private readonly lines: Line[],
    told: (row: number | null) => void,
  ) {
    this.plot = new uPlot(this.options(told), [[], ...lines.map(() => [])], place);
    fit(this.plot, place);
  }

  show(history: History, now: number): void {
    this.now = now;
    this.plot.setData([
      history.at,
      ...this.lines.map(({ name }) => history.column(name)),
    ] as uPlot.AlignedData);
  }

  /** Draw again: the theme has changed its colours. */
  paint(): void {
    paint(this.plot);
  }

  private ink(name: string): string {
    return getComputedStyle(this.place).getPropertyValue(`--chart-${name}`).trim();
  }

  private options(told: (row: number | null) => void): uPlot.Options {
    const ink = (name: string): string => this.ink(name);
    const { write, least, whole } = this.tile;
    return {
      width: this.place.clientWidth || 280,
      height: HEIGHT,
      padding: [6, 2, 4, 0],
      legend: { show: false },
      cursor: CURSOR,
      scales: {
        x: { time: false, range: () => [this.now - SHOWN_SECONDS, this.now] },
        y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, least) * 1.08] },
      },
      axes: [
        {
          show: true,
          size: 0,
          grid: grid(ink),
          ticks: { show: false },
          values: (_plot, splits) => splits.map(() => ""),
          splits: () => [1, 2].map((third) => this.now - (SHOWN_SECONDS * third) / 3),
        },
        valueAxis({ ink, write, whole, size: AXIS }),
      ],
      series: [{}, ...this.lines.map((line) => this.series(line))],
      hooks: pointing(told),
    };
  }

  private series({ label, ink, dashed }: Line): uPlot.Series {
    return {
      label,
      stroke: () => this.ink(ink),
      width: 2,
      points: { show: false },
      ...(dashed ? { dash: [4, 4], width: 1.5 } : {}),
      ...(ink === "first" && !this.tile.bars ? { fill: () => this.ink("fill") } : {}),
      ...(this.tile.bars
        ? { paths: uPlot.paths.bars?.({ size: [0.9, 4, 2] }), fill: () => this.ink(ink), width: 0 }
        : {}),
    } as uPlot.Series;
  }
}
