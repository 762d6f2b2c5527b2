// Loaded when the first JSON result has ended: its tree, its table, its source.
import { copyButton, dressCode } from "./code";
import { button, element, wordButton } from "./elements";
import { printed, readJson, type Json } from "./json";
import { cellText, csvOf, rowsOf, type Rows } from "./json_table";
import { jsonTree } from "./json_tree";

const PORTION = 100;
// A spreadsheet takes a text for UTF-8 only with this before it.
const MARK = "\uFEFF";

type View = "Tree" | "Table" | "Source";

export interface Result {
  bar: HTMLElement[];
  body: HTMLElement;
}

/** A result's buttons and what it shows first; null when its text is no JSON that could be looked into. */
export function resultOf(text: string, name: string, isValid: boolean): Result | null {
  const value = readJson(text);
  if (!value) return null;
  const rows = rowsOf(value);
  const source = printed(value);
  const makers: Partial<Record<View, () => HTMLElement>> = {
    Tree: () => jsonTree(value, name || "JSON"),
    ...(rows && { Table: () => tableOf(rows) }),
    Source: () => sourceOf(source),
  };
  const body = element("div", "json-body");
  const views = chooser(makers, body, isValid ? (rows ? "Table" : "Tree") : "Source");
  return { bar: [views, ...takers(value, rows, source, name)], body };
}

/** A tree alone, for the arguments of a tool. */
export function treeOf(text: string, label: string): HTMLElement | null {
  const value = readJson(text);
  return value && jsonTree(value, label);
}

function chooser(
  makers: Partial<Record<View, () => HTMLElement>>,
  body: HTMLElement,
  first: View,
): HTMLElement {
  const box = element("span", "views");
  const made = new Map<string, HTMLElement>();
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Show as");
  const show = (name: string, make: () => HTMLElement) => {
    const view = made.get(name) ?? make();
    made.set(name, view);
    body.replaceChildren(view);
    for (const one of box.children) one.setAttribute("aria-pressed", String(one.textContent === name));
  };
  for (const [name, make] of Object.entries(makers)) {
    const one = wordButton(name, "view");
    one.addEventListener("click", () => show(name, make));
    box.append(one);
    if (name === first) show(name, make);
  }
  for (const one of box.children) one.setAttribute("aria-pressed", String(one.textContent === first));
  return box;
}

function takers(value: Json, rows: Rows | null, source: string, name: string): HTMLElement[] {
  const file = (name || "result").replace(/[^\p{L}\p{N}_-]+/gu, "-").replace(/^-+|-+$/g, "") || "result";
  const json = button("download", "Download as JSON");
  json.addEventListener("click", () => download(`${file}.json`, "application/json", `${source}\n`));
  const taken = [copyButton(() => source, "Copy the JSON"), json];
  if (!rows) return taken;
  const csv = button("sheet", "Download as CSV");
  csv.addEventListener("click", () => download(`${file}.csv`, "text/csv", MARK + csvOf(rows)));
  return [...taken, csv];
}

function download(name: string, type: string, text: string): void {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function sourceOf(text: string): HTMLElement {
  const box = element("div", "prose");
  const pre = element("pre");
  pre.append(element("code", "language-json", text));
  box.append(pre);
  dressCode(box);
  return box;
}

function tableOf({ name, columns, rows }: Rows): HTMLElement {
  const box = element("div", "json-table");
  const table = element("table");
  const body = element("tbody");
  const head = element("tr");
  const numeric = new Set(columns.filter((one) => rows.every((row) => isNumeric(row.get(one)))));
  for (const one of columns) {
    const cell = element("th", numeric.has(one) ? "number" : "", one);
    cell.scope = "col";
    head.append(cell);
  }
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `Table${name ? ` of ${name}` : ""}, ${rows.length.toLocaleString()} rows`);
  table.createTHead().append(head);
  table.append(body);
  box.append(table);
  appendRows(box, body, columns, rows, 0, numeric);
  return box;
}

function appendRows(
  box: HTMLElement,
  body: HTMLElement,
  columns: string[],
  rows: Map<string, Json>[],
  from: number,
  numeric: Set<string>,
): void {
  for (const row of rows.slice(from, from + PORTION)) {
    const line = element("tr");
    for (const name of columns)
      line.append(element("td", numeric.has(name) ? "number" : "", cellText(row.get(name))));
    body.append(line);
  }
  const left = rows.length - from - PORTION;
  if (left <= 0) return;
  const words = `Show ${Math.min(left, PORTION).toLocaleString()} more of ${left.toLocaleString()}`;
  const more = wordButton(words, "more");
  more.addEventListener("click", () => {
    more.remove();
    appendRows(box, body, columns, rows, from + PORTION, numeric);
    box.focus();
  });
  box.append(more);
}

function isNumeric(value: Json | undefined): boolean {
  return !value || value.kind === "number" || cellText(value) === "";
}
