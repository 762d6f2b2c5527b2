// What the page asks of the server about the conversation it shows. Prompts go their own way (sender.ts).
import type { Connection } from "./connection";
import type { Message } from "./frames";
import { newId } from "./id";
import type { Store } from "./store";
import { toast } from "./toast";

export class Requests {
  constructor(
    private readonly connection: Connection,
    private readonly store: Store,
  ) {}

  /** Follow a conversation from what the page has of it. Without a connection this waits for the next one. */
  open(id: string): void {
    this.connection.send({ action: "open", ref: `open:${id}`, conversation: id, have: this.store.have() });
  }

  close(id: string): void {
    this.connection.send({ action: "close", conversation: id });
  }

  regenerate(answer: Message): void {
    const { parent } = answer;
    if (parent) this.ask({ action: "regenerate", ...this.shown(), message: parent, answer: newId() });
  }

  goOn(answer: Message): void {
    this.ask({ action: "continue", generation: answer.generation });
  }

  select(message: string): void {
    this.ask({ action: "select", ...this.shown(), message });
  }

  stop(): void {
    const generation = this.store.writing()?.generation;
    if (generation) this.ask({ action: "stop", generation });
  }

  private shown(): { conversation: string | undefined } {
    return { conversation: this.store.conversation?.id };
  }

  private ask(request: Record<string, unknown>): void {
    if (!this.connection.send(request))
      toast({ text: "Not connected at the moment. Try again when the page has reconnected." });
  }
}
