// What is said of a place in line. Nothing here touches the page.
import type { Line } from "./frames";

/** What is shown: `progress` runs from 0 to 1 and never back. */
export interface Waiting {
  place: string;
  time: string;
  progress: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
// An estimate that grew by less is the old one, counted down.
const STEADY = 1.3;
const FULL = 0.97;

export class Wait {
  private began = 0;
  private at = 0;
  private first = 0;
  private seconds: number | null = null;
  private progress = 0;

  /** Take what the server says now, in milliseconds of the page's clock. */
  take(line: Line, now: number): Waiting {
    this.began ||= now;
    this.first ||= line.place;
    this.seconds = this.steady(line.seconds, (now - this.at) / 1000);
    this.at = now;
    this.progress = Math.max(this.progress, Math.min(FULL, this.done(line, (now - this.began) / 1000)));
    return { place: placeWords(line), time: timeWords(this.seconds), progress: this.progress };
  }

  private steady(said: number | null, passed: number): number | null {
    if (said === null || this.seconds === null) return said;
    const left = Math.max(0, this.seconds - passed);
    return said > left && said < left * STEADY ? left : said;
  }

  private done(line: Line, waited: number): number {
    if (this.seconds === null) return 1 - line.place / Math.max(this.first, line.place);
    return waited / (waited + this.seconds || 1);
  }
}

export function placeWords({ place, of, words }: Line): string {
  if (words) return words;
  if (place <= 1) return "You are next in line";
  return `You are ${ordinal(place)} of ${of.toLocaleString()} in line`;
}

export function timeWords(seconds: number | null): string {
  if (seconds === null) return "";
  if (seconds < 5) return "a few seconds";
  if (seconds < MINUTE - 2) return `about ${Math.round(seconds / 5) * 5} seconds`;
  if (seconds < 1.5 * MINUTE) return "about a minute";
  if (seconds < HOUR - MINUTE / 2) return `about ${Math.round(seconds / MINUTE)} minutes`;
  return seconds < 1.5 * HOUR ? "about an hour" : `about ${Math.round(seconds / HOUR)} hours`;
}

/** Say whether a screen reader is told: at first, at each halving, and when it is next. */
export function isWorthSaying(told: number | undefined, { place }: Line): boolean {
  return told === undefined || place * 2 <= told || (place === 1 && told > 1);
}

function ordinal(count: number): string {
  const last = count % 10;
  const isTeen = Math.floor(count / 10) % 10 === 1;
  const ending = isTeen ? "th" : (["th", "st", "nd", "rd"][last] ?? "th");
  return `${count.toLocaleString()}${ending}`;
}
