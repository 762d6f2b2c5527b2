// Prompts that the server has not confirmed yet. They survive a reload and are sent again with the same ids.
import type { Options } from "./frames";

export interface Prompt {
  conversation: string;
  message: string;
  parent: string | null;
  text: string;
  /** Its conversation does not exist before it is accepted. */
  begins: boolean;
  /** What becomes the conversation's, and what holds for this answer alone. */
  settings?: Options;
  options?: Options;
  /** The conversation that it begins is a temporary chat. */
  temporary?: true;
}

type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class Outbox {
  /** What the browser had no room for. */
  private unkept: Prompt[] | null = null;

  constructor(
    private readonly shelf: Shelf,
    private readonly name: string,
  ) {}

  all(): Prompt[] {
    if (this.unkept) return this.unkept;
    try {
      const kept: unknown = JSON.parse(this.shelf.getItem(this.name) ?? "[]");
      return Array.isArray(kept) ? (kept as Prompt[]) : [];
    } catch {
      return [];
    }
  }

  /** The prompt that is to begin a conversation: this one, or any. */
  beginning(conversation?: string): Prompt | undefined {
    return this.all().find((one) => one.begins && (!conversation || one.conversation === conversation));
  }

  add(prompt: Prompt): void {
    this.write([...this.all().filter((one) => one.message !== prompt.message), prompt]);
  }

  get(message: string): Prompt | undefined {
    return this.all().find((one) => one.message === message);
  }

  /** Take a prompt out, if it is there. */
  take(message: string): Prompt | undefined {
    const all = this.all();
    const taken = all.find((one) => one.message === message);
    if (taken) this.write(all.filter((one) => one !== taken));
    return taken;
  }

  private write(prompts: Prompt[]): void {
    this.unkept = prompts;
    try {
      if (prompts.length) this.shelf.setItem(this.name, JSON.stringify(prompts));
      else this.shelf.removeItem(this.name);
      this.unkept = null;
    } catch {
      // The browser keeps no more. The prompts are still sent, from this page.
    }
  }
}
