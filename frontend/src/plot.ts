// What all charts share: their axis of values, the pointer, and the width of their place.
import uPlot from "uplot";

export const FONT = "11px system-ui, sans-serif";
const WHOLE = Array.from({ length: 12 }, (_none, power) => power).flatMap((power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
);

/** Tells the colour of one of the chart's inks, as the theme has it now. */
type Ink = (name: string) => string;

interface Values {
  ink: Ink;
  write: (value: number) => string;
  /** The axis' width in pixels. */
  size: number;
  /** Halves make no sense. */
  whole?: boolean | undefined;
}

export const CURSOR: uPlot.Cursor = { y: false, drag: { x: false, y: false }, points: { size: 6 } };

export function grid(ink: Ink): uPlot.Axis.Grid {
  return { stroke: () => ink("grid"), width: 1 };
}

/** The axis on the left. */
export function valueAxis({ ink, write, size, whole }: Values): uPlot.Axis {
  return {
    size,
    gap: 4,
    space: 30,
    ...(whole ? { incrs: WHOLE } : {}),
    grid: grid(ink),
    ticks: { show: false },
    font: FONT,
    stroke: () => ink("words"),
    values: (_plot, splits) => splits.map((value) => (value ? write(value) : "0")),
  };
}

/** Tell which row the pointer is at, or null when it is nowhere. */
export function pointing(told: (row: number | null) => void): uPlot.Hooks.Arrays {
  const row = ({ cursor }: uPlot): number | null =>
    cursor.left === undefined || cursor.left < 0 ? null : (cursor.idx ?? null);
  return { setCursor: [(plot) => told(row(plot))] };
}

/** Draw again, because the theme has changed: bars keep their colour with their shape. */
export function paint(plot: uPlot): void {
  plot.redraw(true, true);
}

/** Keep a plot as wide as its place. */
export function fit(plot: uPlot, place: HTMLElement): void {
  new ResizeObserver(() => {
    const width = place.clientWidth;
    if (width && width !== plot.width) plot.setSize({ width, height: plot.height });
  }).observe(place);
}
