// Arrays of flat objects are tables: to look at, and to take along as CSV.
import { isBranch, type Json } from "./json";

export interface Rows {
  /** The name of the array, where it is all that an object holds. */
  name: string;
  columns: string[];
  rows: Map<string, Json>[];
}

const MOST_COLUMNS = 40;

/** The rows of a value that is an array of flat objects, or an object with nothing but one. */
export function rowsOf(value: Json): Rows | null {
  if (value.kind === "object") {
    const [only, ...others] = value.entries;
    if (!only || others.length || only[1].kind !== "array") return null;
    const found = rowsOf(only[1]);
    return found && { ...found, name: only[0] };
  }
  if (value.kind !== "array" || !value.items.length) return null;
  const rows: Map<string, Json>[] = [];
  const columns = new Set<string>();
  for (const item of value.items) {
    if (item.kind !== "object" || item.entries.some(([, one]) => isBranch(one))) return null;
    for (const [name] of item.entries) columns.add(name);
    rows.push(new Map(item.entries));
  }
  return columns.size && columns.size <= MOST_COLUMNS ? { name: "", columns: [...columns], rows } : null;
}

/** A table as CSV (RFC 4180). A spreadsheet must not take a text for a formula. */
export function csvOf({ columns, rows }: Rows): string {
  const lines = rows.map((row) => columns.map((name) => cell(row.get(name))));
  return [columns.map((name) => quoted(harmless(name))), ...lines]
    .map((line) => `${line.join(",")}\r\n`)
    .join("");
}

/** A value as people read it in a cell. */
export function cellText(value: Json | undefined): string {
  if (!value || isBranch(value) || (value.kind === "word" && value.text === "null")) return "";
  return value.text;
}

function cell(value: Json | undefined): string {
  const text = cellText(value);
  return quoted(value?.kind === "string" ? harmless(text) : text);
}

function harmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
