// Prompts that the server has not confirmed yet. They survive a reload and are sent again with the same ids.

export interface Prompt {
  conversation: string;
  message: string;
  parent: string | null;
  text: string;
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

  add(prompt: Prompt): void {
    this.write([...this.all().filter((one) => one.message !== prompt.message), prompt]);
  }

  get(message: string): Prompt | undefined {
    return this.all().find((one) => one.message === message);
  }

  remove(message: string): void {
    this.write(this.all().filter((one) => one.message !== message));
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
