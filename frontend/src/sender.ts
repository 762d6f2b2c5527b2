// Sends prompts until the server has confirmed them: by the socket, or by a POST when they are long.
import type { Refusal, ServerFrame } from "./frames";
import type { Outbox, Prompt } from "./outbox";

const FRAME_MOST = 48_000;
const RETRY_AFTER = 4_000;
export const WAITS = "The message could not be sent yet. It is kept and will be sent again.";

interface Ways {
  /** Put a frame on the socket; false when it is not open. */
  socket(request: Record<string, unknown>): boolean;
  answer(frame: ServerFrame): void;
  /** A prompt was accepted past the socket, which does not follow its answer yet. */
  posted(conversation: string): void;
  notice(words: string): void;
  csrf: string;
  base: string;
}

export class Sender {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly outbox: Outbox,
    private readonly ways: Ways,
  ) {}

  /** Send everything that is not confirmed, with the ids it had. */
  sendAll(): void {
    clearTimeout(this.timer);
    this.quieten();
    for (const prompt of this.outbox.all()) void this.send(prompt);
  }

  async send(prompt: Prompt): Promise<void> {
    const { begins: _, ...fields } = prompt;
    const request = { action: "send", ref: prompt.message, ...fields };
    const isShort = new TextEncoder().encode(JSON.stringify(request)).length < FRAME_MOST;
    if (isShort) this.ways.socket(request);
    else await this.post(request, prompt);
  }

  /** Whether a refusal only puts a prompt off: it is kept then, and sent again. */
  putsOff(refusal: Refusal): boolean {
    if (refusal.code !== "unavailable" || !this.outbox.get(refusal.ref ?? "")) return false;
    this.sendAgainSoon();
    return true;
  }

  /** The server has taken a prompt or never will; returns it when it was still waiting. */
  settle(message: string): Prompt | undefined {
    const prompt = this.outbox.take(message);
    this.quieten();
    return prompt;
  }

  private async post(request: Record<string, unknown>, prompt: Prompt): Promise<void> {
    try {
      const answer = await fetch(`${this.ways.base}/c/${prompt.conversation}/messages`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.ways.csrf },
        body: JSON.stringify(request),
      });
      const frame = (await answer.json()) as ServerFrame;
      // A refusal may not name what it refuses; here it can only be this prompt.
      this.ways.answer({ ...frame, ref: prompt.message } as ServerFrame);
      if (answer.ok) this.ways.posted(prompt.conversation);
    } catch {
      this.sendAgainSoon();
    }
  }

  private sendAgainSoon(): void {
    this.ways.notice(WAITS);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendAll(), RETRY_AFTER * (0.5 + Math.random()));
  }

  private quieten(): void {
    if (!this.outbox.all().length) this.ways.notice("");
  }
}
