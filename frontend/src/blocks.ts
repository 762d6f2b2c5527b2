// Where the blocks of a growing Markdown text begin, so that closed ones are rendered once.
import type { Token } from "markdown-it";
import { markdown } from "./markdown";

/**
 * How much of a text is closed: everything before its last top-level block. Only complete lines count: "2" may
 * become the "2." of the list above it, and "-" a line under a heading.
 */
export function closedLength(text: string): number {
  const last = lastBlock(text.slice(0, text.lastIndexOf("\n") + 1));
  return last?.map ? offsetOfLine(text, last.map[0]) : 0;
}

/** Whether a text is nothing but a fenced code block at the margin that is still open. */
export function isOpenFence(text: string): boolean {
  const found = /^(`{3,}|~{3,})[^\n]*\n/.exec(text);
  if (!found) return false;
  const marks = found[1] ?? "";
  const closing = new RegExp(`^ {0,3}${marks[0]}{${marks.length},}[ \\t]*$`, "m");
  return lastBlock(text)?.map?.[0] === 0 && !closing.test(text.slice(found[0].length));
}

/** Whether text elsewhere may change how a block reads: link references and their definitions. */
export function hasReferences(text: string): boolean {
  return /^[ \t>*+\-\d.)]*\[[^\]\n]+\]:/m.test(text);
}

/**
 * The last, still growing block as it will most likely look: marks of a line that has only begun are kept back,
 * bold and code that are open are closed. For showing only; the text itself stays as it is.
 */
export function likely(text: string): string {
  const at = text.lastIndexOf("\n") + 1;
  const line = text.slice(at);
  if (/^[ \t]*(?:[-+*=_#>|:~`]+|\d{1,3}[.)]?)[ \t]*$/.test(line)) return text.slice(0, at);
  const bare = line.replace(/\[([^\]\n]*)\]\([^)\s]*$/, "$1").replace(/(?:\*{1,2}|`)$/, "");
  const open = (mark: string) => bare.split(mark).length % 2 === 0;
  if (open("`")) return `${text.slice(0, at)}${bare}\``;
  return text.slice(0, at) + bare + (open("**") ? "**" : "");
}

/** A text that ends where a policy cut it off, for showing: no mark stands open at its end. */
export function cutOff(text: string): string {
  const closed = closedLength(text);
  const rest = text.slice(closed);
  return isOpenFence(rest) ? text : text.slice(0, closed) + likely(rest);
}

function lastBlock(text: string): Token | undefined {
  const tokens: Token[] = [];
  const plain = text.replace(/\r\n?/g, "\n").replace(/\0/g, "\uFFFD");
  markdown.block.parse(plain, markdown, {}, tokens);
  return tokens.findLast((token) => token.level === 0 && token.map && token.nesting >= 0);
}

function offsetOfLine(text: string, line: number): number {
  const breaks = /\r\n?|\n/g;
  for (let count = 0; count < line; count++) breaks.exec(text);
  return breaks.lastIndex;
}
