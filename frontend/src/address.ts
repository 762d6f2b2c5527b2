// The address bar: every conversation has an address of its own, and a new one that of the organization.

export class Address {
  constructor(private readonly base: string) {}

  of(conversation: string | null): string {
    return conversation ? `${this.base}/c/${conversation}/` : `${this.base}/`;
  }

  /** Where the page's socket is. */
  get socket(): string {
    return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.base}/socket/`;
  }

  /** The conversation that the address names. */
  shown(): string | null {
    return /\/c\/([0-9a-f-]{36})\/$/.exec(location.pathname)?.[1] ?? null;
  }

  /** Make the address that of a conversation; going back leads to the one before. */
  show(conversation: string | null): void {
    const address = this.of(conversation);
    if (location.pathname !== address) history.pushState(null, "", address);
  }
}
