// What is said of reasoning that has ended.
import type { Part } from "./frames";

/** `began` is 0 where this page did not see it. */
export function thought(part: Part, began: number, now = Date.now()): string {
  const seconds = part.seconds ?? (began ? (now - began) / 1000 : null);
  const time = seconds === null ? "" : ` for ${duration(seconds)}`;
  const tokens = part.tokens ? ` · ${part.tokens.toLocaleString()} tokens` : "";
  return `Thought${time}${tokens}`;
}

function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
