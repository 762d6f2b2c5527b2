// What is said of a thought.
import type { Part } from "./frames";

const CHARACTERS_PER_TOKEN = 4;
const SEALED = "your organization does not show thoughts";

/** What is said of one that has ended. `began` is 0 where this page did not see it. */
export function thought(part: Part, began: number, now = Date.now()): string {
  const seconds = part.seconds ?? (began ? (now - began) / 1000 : null);
  const time = seconds === null ? "" : ` for ${duration(seconds)}`;
  const tokens = part.tokens ? ` · ${part.tokens.toLocaleString()} tokens` : "";
  return `Thought${time}${tokens}${part.hidden ? ` · ${SEALED}` : ""}`;
}

/** How many tokens a thought may have; the engine counts them at its end. */
export function tokensIn(text: string): number {
  return Math.round(text.length / CHARACTERS_PER_TOKEN);
}

/** What is said of one that goes on. */
export function about(tokens: number, budget?: number): string {
  const step = tokens < 200 ? 10 : tokens < 2000 ? 50 : 100;
  const near = Math.round(tokens / step) * step;
  if (budget) return `about ${Math.min(near, budget).toLocaleString()} of ${budget.toLocaleString()} tokens`;
  return near ? `about ${near.toLocaleString()} tokens` : "";
}

function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
