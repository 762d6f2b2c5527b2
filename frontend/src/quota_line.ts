// Over the message box: a limit that is nearly, or quite, used up. Silent while all is well.
import { element, must } from "./elements";
import type { Refusal, Warning } from "./frames";

const MOST_WAIT = 2 ** 31 - 1;
// A warning that has no moment at which it is past.
const PASSING = 60_000;

export class QuotaLine {
  /** Always there, so that what comes into it is read out. */
  private readonly place = must<HTMLElement>("#quota");
  private timer = 0;

  constructor() {
    this.leaveAt(this.place.querySelector<HTMLElement>("[data-resets]")?.dataset.resets ?? null);
    for (const time of this.place.querySelectorAll<HTMLElement>(".own-time"))
      time.textContent = ownTime(time.dataset.at ?? "");
  }

  /** A prompt was taken: what the server warns of now, or nothing. */
  accepted([first]: Warning[]): void {
    this.show(first?.text ?? "", "soft", first?.resets_at ?? null);
    if (first && !first.resets_at) this.leaveIn(PASSING);
  }

  /** Whether a refusal is about a limit; it stays until the limit begins anew, or a prompt is taken. */
  refused(refusal: Refusal): boolean {
    if (refusal.code !== "quota") return false;
    this.show(refusal.text, "hard", refusal.resets_at ?? null);
    return true;
  }

  private show(words: string, state: "soft" | "hard", resetsAt: string | null): void {
    this.leaveAt(resetsAt);
    if (!words) return this.place.replaceChildren();
    const line = element("p", `quota-line ${state}`);
    const link = element("a", "", "My limits");
    link.href = this.place.dataset.page ?? "";
    line.append(element("span", "", [words, ownTime(resetsAt ?? "")].filter(Boolean).join(" ")), link);
    this.place.replaceChildren(line);
  }

  private leaveAt(resetsAt: string | null): void {
    clearTimeout(this.timer);
    if (resetsAt) this.leaveIn(Date.parse(resetsAt) - Date.now());
  }

  private leaveIn(wait: number): void {
    if (wait < MOST_WAIT)
      this.timer = window.setTimeout(() => this.place.replaceChildren(), Math.max(wait, 0));
  }
}

/** The server speaks of UTC; this is the same moment on the wall of whoever reads it. */
export function ownTime(at: string, now = new Date()): string {
  const moment = new Date(at);
  if (!at || Number.isNaN(moment.getTime()) || !moment.getTimezoneOffset()) return "";
  const time = moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const day = moment.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
  return moment.toDateString() === now.toDateString()
    ? `That is ${time} here.`
    : `That is ${day}, ${time} here.`;
}
