// JSON as it was written: the order of names and every digit of a number are kept, which JSON.parse does not do.

export type Json =
  | { kind: "object"; entries: [name: string, value: Json][] }
  | { kind: "array"; items: Json[] }
  | { kind: "string"; text: string }
  | { kind: "number" | "word"; text: string };

export type Branch = Extract<Json, { kind: "object" | "array" }>;
export type Leaf = Exclude<Json, Branch>;

const DEEPEST = 200;

/** Read a JSON text; null when it is none, or nested too deeply to be looked at. */
export function readJson(text: string): Json | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return new Reader(text).read(0);
}

export function isBranch(value: Json): value is Branch {
  return value.kind === "object" || value.kind === "array";
}

/** The values in a value, with their names or numbers. */
export function childrenOf(value: Branch): [name: string, value: Json][] {
  return value.kind === "object" ? value.entries : value.items.map((item, at) => [String(at + 1), item]);
}

export function sizeOf(value: Branch): number {
  return value.kind === "object" ? value.entries.length : value.items.length;
}

/** A value as JSON that people can read. */
export function printed(value: Json, indent = ""): string {
  if (value.kind === "string") return JSON.stringify(value.text);
  if (!isBranch(value)) return value.text;
  const [open, close] = value.kind === "object" ? "{}" : "[]";
  if (!sizeOf(value)) return `${open}${close}`;
  const deeper = `${indent}  `;
  const lines =
    value.kind === "object"
      ? value.entries.map(([name, one]) => `${deeper}${JSON.stringify(name)}: ${printed(one, deeper)}`)
      : value.items.map((one) => `${deeper}${printed(one, deeper)}`);
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

/** Reads a text that is known to be JSON. */
class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  read(depth: number): Json | null {
    if (depth > DEEPEST) return null;
    this.space();
    const first = this.text[this.at];
    if (first === "{") return this.object(depth);
    if (first === "[") return this.array(depth);
    if (first === '"') return { kind: "string", text: this.string() };
    const text = this.match(/[^\s,\]}]+/y);
    return { kind: /^[-\d]/.test(text) ? "number" : "word", text };
  }

  private object(depth: number): Json | null {
    const entries: [string, Json][] = [];
    while (this.goesOn("}")) {
      const name = this.string();
      this.space();
      this.at++;
      const value = this.read(depth + 1);
      if (!value) return null;
      entries.push([name, value]);
    }
    return { kind: "object", entries };
  }

  private array(depth: number): Json | null {
    const items: Json[] = [];
    while (this.goesOn("]")) {
      const value = this.read(depth + 1);
      if (!value) return null;
      items.push(value);
    }
    return { kind: "array", items };
  }

  /** Step over an opening bracket, a comma, or the closing bracket; returns whether a value follows. */
  private goesOn(close: string): boolean {
    this.space();
    if (this.text[this.at] !== close) this.at++;
    this.space();
    if (this.text[this.at] !== close) return true;
    this.at++;
    return false;
  }

  private string(): string {
    return JSON.parse(this.match(/"[^"\\]*(?:\\.[^"\\]*)*"/y)) as string;
  }

  private space(): void {
    this.match(/[ \t\r\n]*/y);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
}
