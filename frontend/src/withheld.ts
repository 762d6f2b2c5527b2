// What the page asks of the server about a message that was withheld: its text back, a review.
import type { Address } from "./address";
import { must } from "./elements";
import type { Message, Refusal } from "./frames";
import type { Store } from "./store";

const OUT_OF_REACH = "The server could not be reached. Try again.";

export class Withheld {
  private readonly csrf = must<HTMLMetaElement>('meta[name="csrf"]').content;

  constructor(
    private readonly store: Store,
    private readonly address: Address,
  ) {}

  /** The text of one's own message: as it was kept, or as this page still has it; null when nobody has it. */
  async text(message: Message): Promise<string | null> {
    const kept = message.parts.some((part) => part.receipt?.kept) ? await this.kept(message) : null;
    return kept ?? this.store.written(message.id) ?? null;
  }

  /** Ask for a review; returns why that did not work, or "". */
  async appeal(message: Message, note: string): Promise<string> {
    try {
      const answer = await fetch(`${this.place(message)}appeal`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.csrf },
        body: JSON.stringify({ note }),
      });
      if (answer.ok) return "";
      return ((await answer.json()) as Refusal).text;
    } catch {
      return OUT_OF_REACH;
    }
  }

  private async kept(message: Message): Promise<string | null> {
    try {
      const answer = await fetch(`${this.place(message)}withheld`, {
        headers: { Accept: "application/json" },
      });
      return answer.ok ? ((await answer.json()) as { text: string | null }).text : null;
    } catch {
      return null;
    }
  }

  private place(message: Message): string {
    return `${this.address.of(this.store.conversation?.id ?? null)}messages/${message.id}/`;
  }
}
