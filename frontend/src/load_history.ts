// The last quarter of an hour of one engine, a column for each number.
import { NUMBERS, type Column, type NumberName, type Samples } from "./load_facts";

export const SHOWN_SECONDS = 15 * 60;
// Where nobody looked for longer than this, the line is broken.
const GAP_SECONDS = 10;

export class History {
  readonly at: number[] = [];
  private readonly columns = new Map<NumberName, Column>(NUMBERS.map((name) => [name, []]));

  /** Add what is newer than what is there, and forget what is too old. */
  add(samples: Samples, now: number): void {
    samples.at.forEach((at, row) => {
      const last = this.at.at(-1) ?? -Infinity;
      if (at <= last) return;
      if (at - last > GAP_SECONDS && this.at.length) this.push((at + last) / 2, () => null);
      this.push(at, (name) => samples[name][row] ?? null);
    });
    this.forget(now - SHOWN_SECONDS);
  }

  column(name: NumberName): Column {
    return this.columns.get(name) ?? [];
  }

  /** The newest value, if the newest sample has one. */
  newest(name: NumberName): number | null {
    return this.column(name).at(-1) ?? null;
  }

  /** Whether any sample has this number. */
  tells(name: NumberName): boolean {
    return this.column(name).some((value) => value !== null);
  }

  /** The highest value that is shown. */
  most(name: NumberName): number | null {
    return this.column(name).reduce<number | null>(
      (most, value) => (value === null || (most !== null && most > value) ? most : value),
      null,
    );
  }

  /** The sum over the samples since a time. */
  total(name: NumberName, since: number): number {
    return this.column(name).reduce<number>(
      (sum, value, row) => sum + ((this.at[row] ?? 0) > since ? (value ?? 0) : 0),
      0,
    );
  }

  private push(at: number, value: (name: NumberName) => number | null): void {
    this.at.push(at);
    for (const [name, column] of this.columns) column.push(value(name));
  }

  private forget(before: number): void {
    const kept = this.at.findIndex((at) => at >= before);
    const old = kept < 0 ? this.at.length : kept;
    this.at.splice(0, old);
    for (const column of this.columns.values()) column.splice(0, old);
  }
}
