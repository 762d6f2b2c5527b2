// What is being written, by conversation. The browser keeps it, and all tabs share it.
import { keep, recall } from "./shelf";

/** Where a prompt is written that will begin a conversation. */
export const NEW = "new";

export class Drafts {
  private conversation = "";
  /** What this page knows to be kept. Whoever changed nothing writes nothing over another tab's words. */
  private known = "";

  constructor(private readonly name: string) {}

  /** Turn to a conversation; returns what was being written there. */
  open(conversation: string): string {
    this.conversation = conversation;
    this.known = recall(this.key(conversation));
    return this.known;
  }

  isOpen(conversation: string): boolean {
    return conversation === this.conversation;
  }

  /** Keep what is being written now. */
  keep(text: string): void {
    if (!this.conversation || text === this.known) return;
    keep(this.key(this.conversation), text);
    this.known = text;
  }

  /** The conversation has another id now; what is being written goes along. */
  rename(conversation: string, text: string): void {
    const before = this.key(this.conversation);
    if (recall(before) === this.known) keep(before, "");
    this.conversation = conversation;
    this.known = "";
    this.keep(text);
  }

  /** Put a text before what is being written in a conversation that is not open. */
  putBack(text: string, conversation: string): void {
    const key = this.key(conversation);
    keep(key, joined(text, recall(key)));
  }

  private key(conversation: string): string {
    return `${this.name}:${conversation}`;
  }
}

/** A text that came back, and what has been written since. */
export function joined(text: string, since: string): string {
  return since.trim() ? `${text}\n\n${since}` : text;
}
