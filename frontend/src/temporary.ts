// Temporary chats: chosen before the first message, and said above the conversation.
import { must } from "./elements";
import type { Store } from "./store";

export interface TemporaryFacts {
  /** Whether the organization has them. */
  offered: boolean;
  /** After how many hours they are deleted. */
  hours: number;
}

const HOUR = 3_600_000;

export class Temporary {
  private readonly toggle = must<HTMLButtonElement>("#temporary");
  private readonly note = must<HTMLElement>("#temporary-note");
  /** The next new chat is one. */
  private isChosen = false;

  constructor(
    private readonly facts: TemporaryFacts,
    private readonly store: Store,
  ) {
    this.toggle.addEventListener("click", () => {
      this.isChosen = !this.isChosen;
      this.show();
    });
  }

  /** What goes with the prompt that begins a conversation. */
  forRequest(): { temporary?: true } {
    const { isChosen } = this;
    this.isChosen = false;
    return isChosen ? { temporary: true } : {};
  }

  /** A prompt that began a conversation came back. */
  putBack(temporary: true | undefined): void {
    this.isChosen = temporary === true;
  }

  show(): void {
    const { conversation } = this.store;
    if (conversation) this.isChosen = false;
    this.toggle.hidden = conversation !== null || !this.facts.offered;
    this.toggle.setAttribute("aria-pressed", String(this.isChosen));
    say(this.note, this.words(conversation?.temporary));
  }

  private words(begun: string | undefined): string {
    if (begun)
      return `Temporary chat: in no list, without a title. It is deleted after ${when(begun, this.facts.hours)}.`;
    if (!this.isChosen) return "";
    return `Temporary chat: it will be in no list, and is deleted after ${hoursWords(this.facts.hours)}. Your organization’s policy and limits hold as always.`;
  }
}

function say(line: HTMLElement, words: string): void {
  line.hidden = !words;
  if (line.textContent !== words) line.textContent = words;
}

function hoursWords(hours: number): string {
  if (hours % 24 === 0 && hours > 24) return `${hours / 24} days`;
  return hours === 1 ? "an hour" : `${hours} hours`;
}

function when(begun: string, hours: number): string {
  const at = new Date(new Date(begun).getTime() + hours * HOUR);
  return at.toLocaleString(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}
