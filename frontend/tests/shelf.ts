// A browser's store for tests.

export class Shelf implements Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  readonly kept = new Map<string, string>();
  isFull = false;

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.isFull) throw new Error("QuotaExceededError");
    this.kept.set(key, value);
  }

  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

/** Put a store where the page's scripts look for it. */
export function install(shelf: Shelf): void {
  Object.defineProperty(globalThis, "localStorage", { value: shelf, configurable: true });
}
