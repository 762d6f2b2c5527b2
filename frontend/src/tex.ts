// TeX in Markdown: $…$, $$…$$, \(…\), \[…\]. Prices stay prices, and what is not closed stays text.
import type MarkdownIt from "markdown-it";
import type { StateBlock, StateInline, Token } from "markdown-it";

const PAIRS: [string, string, boolean][] = [
  ["\\(", "\\)", false],
  ["\\[", "\\]", true],
  ["$$", "$$", true],
];
// A longer formula is no formula, and looking for its end would take for ever.
const LONGEST = 5_000;

export function addMaths(markdown: MarkdownIt): void {
  markdown.inline.ruler.before("escape", "maths", readInline);
  markdown.block.ruler.before("fence", "maths_block", readBlock, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  markdown.renderer.rules.maths = (tokens, index) => {
    const token = tokens[index] as Token;
    const kind = token.block || (token.meta as { block: boolean }).block ? "math-block" : "math-inline";
    return `<code class="${kind}">${markdown.utils.escapeHtml(token.content)}</code>`;
  };
  markdown.renderer.rules.maths_open_end = (tokens, index) =>
    `<p>${markdown.utils.escapeHtml((tokens[index] as Token).content)}</p>\n`;
}

function readInline(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  const lead = src.charCodeAt(pos);
  if (lead !== 0x24 && lead !== 0x5c) return false;
  for (const [open, close, block] of PAIRS) {
    if (!src.startsWith(open, pos)) continue;
    const tex = src.slice(pos + open.length, pos + open.length + LONGEST);
    const length = tex.indexOf(close);
    if (length < 0 || !tex.slice(0, length).trim()) continue;
    return take(state, silent, tex.slice(0, length), block, open.length + length + close.length);
  }
  const end = lead === 0x24 ? endOfDollars(src, pos) : -1;
  return end >= 0 && take(state, silent, src.slice(pos + 1, end), false, end + 1 - pos);
}

function take(state: StateInline, silent: boolean, tex: string, block: boolean, length: number): boolean {
  if (!silent) {
    const token = state.push("maths", "", 0);
    token.content = tex;
    token.meta = { block };
  }
  state.pos += length;
  return true;
}

/** `$x$` is maths; `$5 and $6` is money: no space inside the signs, no digit after them. */
function endOfDollars(src: string, start: number): number {
  if (/[\s$]/.test(src[start + 1] ?? " ")) return -1;
  const most = Math.min(src.length, start + LONGEST);
  for (let at = start + 1; at < most; at++) {
    if (src[at] !== "$" || src[at - 1] === "\\") continue;
    return /\s/.test(src[at - 1] ?? "") || /\d/.test(src[at + 1] ?? "") ? -1 : at;
  }
  return -1;
}

/**
 * Display maths over several lines. As in TeX it holds no empty line, so an opening that is never closed costs
 * one paragraph. While the text ends before the closing, all of it is one block: nothing in it may be taken
 * for a list or a heading that the closing would take back.
 */
function readBlock(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const first = lineOf(state, startLine);
  const close = first.startsWith("$$") ? "$$" : first.startsWith("\\[") ? "\\]" : "";
  if (!close) return false;
  const lines = [first.slice(2)];
  if (first.includes(close, 2)) return isWhole(first, close) && end(state, silent, startLine, lines, close);
  for (let line = startLine + 1; line < endLine; line++) {
    if ((state.sCount[line] ?? 0) < state.blkIndent) return false;
    const text = lineOf(state, line);
    if (!text) return false;
    lines.push(text);
    if (text.includes(close)) return text.endsWith(close) && end(state, silent, startLine, lines, close);
  }
  return state.level === 0 && lines.length > 1 && end(state, silent, startLine, lines, "");
}

function isWhole(first: string, close: string): boolean {
  return first.length > 4 && first.indexOf(close, 2) === first.length - 2;
}

function end(state: StateBlock, silent: boolean, start: number, lines: string[], close: string): boolean {
  if (silent) return true;
  const token = state.push(close ? "maths" : "maths_open_end", "", 0);
  token.block = true;
  token.map = [start, start + lines.length];
  token.content = close
    ? lines.join("\n").slice(0, -2)
    : `${lineOf(state, start).slice(0, 2)}${lines.join("\n")}`;
  state.line = start + lines.length;
  return true;
}

function lineOf(state: StateBlock, line: number): string {
  return state.src.slice((state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0), state.eMarks[line]).trim();
}
