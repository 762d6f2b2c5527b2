// Sends prompts until the server has confirmed them: by the socket, or by a POST when they are long.
import type { ServerFrame } from "./frames";
import type { Outbox, Prompt } from "./outbox";

const FRAME_MOST = 48_000;
const RETRY_AFTER = 4_000;
export const WAITS = "The message could not be sent yet. It is kept and will be sent again.";

interface Ways {
  /** Put a frame on the socket; false when it is not open. */
  socket(request: Record<string, unknown>): boolean;
  answer(frame: ServerFrame): void;
  notice(words: string): void;
  csrf: string;
  base: string;
}

export class Sender {
  private timer = 0;

  constructor(
    private readonly outbox: Outbox,
    private readonly ways: Ways,
  ) {}

  /** Send everything that is not confirmed, with the ids it had. */
  sendAll(): void {
    clearTimeout(this.timer);
    for (const prompt of this.outbox.all()) void this.send(prompt);
  }

  sendAgainSoon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.sendAll(), RETRY_AFTER * (0.5 + Math.random()));
  }

  async send(prompt: Prompt): Promise<void> {
    const request = { action: "send", ref: prompt.message, ...prompt };
    const isShort = new TextEncoder().encode(JSON.stringify(request)).length < FRAME_MOST;
    if (isShort) this.ways.socket(request);
    else await this.post(request, prompt);
  }

  private async post(request: Record<string, unknown>, prompt: Prompt): Promise<void> {
    try {
      const answer = await fetch(`${this.ways.base}/c/${prompt.conversation}/messages`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.ways.csrf },
        body: JSON.stringify(request),
      });
      this.ways.answer((await answer.json()) as ServerFrame);
      this.ways.notice("");
      if (answer.ok) this.ways.socket({ action: "open", conversation: prompt.conversation, have: {} });
    } catch {
      this.ways.notice(WAITS);
      this.sendAgainSoon();
    }
  }
}
