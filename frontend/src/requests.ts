// What the page asks of the server about the conversation it shows. Prompts go their own way (sender.ts).
import type { Connection } from "./connection";
import type { Message, Options } from "./frames";
import { newId } from "./id";
import type { Actions } from "./message";
import type { Store } from "./store";
import { toast } from "./toast";

/** What an answer is made with; `again` is the generation that is made once more, exactly as it was. */
export interface Making {
  settings?: Options;
  options?: Options;
  again?: string;
}

export class Requests {
  /** What is asked from a message. */
  readonly ofMessages: Pick<Actions, "goOn" | "select" | "leaveLine"> = {
    goOn: (answer) => this.ask({ action: "continue", generation: answer.generation }),
    select: (message) => this.ask({ action: "select", ...this.shown(), message }),
    leaveLine: () => this.stop(),
  };
  /** The settings that went with answers which nobody has confirmed yet. */
  private readonly asked = new Map<string, Options | undefined>();

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

  /** Have another answer written; returns whether it could be asked for. */
  regenerate(answer: Message, making: Making): boolean {
    const { parent } = answer;
    const id = newId();
    if (!parent) return false;
    this.asked.set(id, making.settings);
    return this.ask({ action: "regenerate", ...this.shown(), message: parent, answer: id, ...making });
  }

  /** The settings that an answer was asked for with, once it is confirmed. */
  taken(answer: string): Options | undefined {
    const settings = this.asked.get(answer);
    this.asked.delete(answer);
    return settings;
  }

  stop(): void {
    const generation = this.store.writing()?.generation;
    if (generation) this.ask({ action: "stop", generation });
  }

  private shown(): { conversation: string | undefined } {
    return { conversation: this.store.conversation?.id };
  }

  private ask(request: Record<string, unknown>): boolean {
    const isSent = this.connection.send(request);
    if (!isSent) toast({ text: "Not connected at the moment. Try again when the page has reconnected." });
    return isSent;
  }
}
