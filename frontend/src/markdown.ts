// Markdown of models and people to HTML text, and where its blocks begin. Raw HTML in it stays text.
import MarkdownIt from "markdown-it";

export const markdown = new MarkdownIt({ html: false, linkify: true, breaks: false, typographer: false });

const escape = markdown.utils.escapeHtml;

// Images are never loaded: what the model names is shown, and fetched by nobody.
markdown.renderer.rules.image = (tokens, index) => {
  const alt = tokens[index]?.content || "image";
  return `<span class="image-chip">${escape(alt)}</span>`;
};

markdown.validateLink = (url) => /^(https?:|mailto:)/i.test(url.trim());

const PAIRS: [string, string, boolean][] = [
  ["\\(", "\\)", false],
  ["\\[", "\\]", true],
  ["$$", "$$", true],
];

markdown.inline.ruler.before("escape", "math", (state, silent) => {
  const { src, pos } = state;
  for (const [open, close, block] of PAIRS) {
    if (!src.startsWith(open, pos)) continue;
    const end = src.indexOf(close, pos + open.length);
    if (end < 0 || !src.slice(pos + open.length, end).trim()) continue;
    if (!silent) pushMath(state.push("math", "", 0), src.slice(pos + open.length, end), block);
    state.pos = end + close.length;
    return true;
  }
  if (src[pos] !== "$") return false;
  const end = endOfDollars(src, pos);
  if (end < 0) return false;
  if (!silent) pushMath(state.push("math", "", 0), src.slice(pos + 1, end), false);
  state.pos = end + 1;
  return true;
});

interface MathToken {
  content: string;
  meta: unknown;
}

function pushMath(token: MathToken, tex: string, block: boolean): void {
  token.content = tex;
  token.meta = { block };
}

/** `$x$` is maths; `$5 and $6` is money: no space inside the signs, no digit after them. */
function endOfDollars(src: string, start: number): number {
  if (/\s|\$/.test(src[start + 1] ?? " ")) return -1;
  for (let at = start + 1; at < src.length; at++) {
    if (src[at] === "\n" && src[at + 1] === "\n") return -1;
    if (src[at] !== "$" || src[at - 1] === "\\") continue;
    return /\s/.test(src[at - 1] ?? "") || /\d/.test(src[at + 1] ?? "") ? -1 : at;
  }
  return -1;
}

markdown.renderer.rules.math = (tokens, index) => {
  const token = tokens[index];
  const kind = (token?.meta as { block: boolean }).block ? "math-block" : "math-inline";
  return `<code class="${kind}">${escape(token?.content ?? "")}</code>`;
};

// Blocks of display maths over several lines.
markdown.block.ruler.before("fence", "math_block", (state, startLine, endLine, silent) => {
  const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
  const first = state.src.slice(start, state.eMarks[startLine]).trim();
  const close = first.startsWith("$$") ? "$$" : first.startsWith("\\[") ? "\\]" : "";
  if (!close || (first.length > 2 && first.slice(2).includes(close))) return false;
  let line = startLine;
  while (++line < endLine) {
    const text = state.src.slice(state.bMarks[line], state.eMarks[line]);
    if (!text.trimEnd().endsWith(close)) continue;
    if (silent) return true;
    const body = state.src.slice(start + 2, state.eMarks[line]).trimEnd();
    pushMath(
      Object.assign(state.push("math", "", 0), { block: true, map: [startLine, line + 1] }),
      body.slice(0, -2),
      true,
    );
    state.line = line + 1;
    return true;
  }
  return false;
});

/** Whether later text can change how earlier blocks read: link references and their definitions. */
export function hasReferences(text: string): boolean {
  return /^ {0,3}\[[^\]\n]+\]:/m.test(text);
}

export interface Tail {
  /** Where the last block begins; everything before it is closed and will not change. */
  start: number;
  /** The last block is a fenced code block that is still open: its language. */
  fence: string | null;
}

/** Find the last top-level block of a text. */
export function tailOf(text: string): Tail {
  const tokens = markdown.parse(text, {});
  let start = 0;
  let fence: string | null = null;
  for (const token of tokens) {
    if (token.level !== 0 || !token.map || token.nesting < 0) continue;
    start = token.map[0];
    fence = token.type === "fence" && !isClosed(text, token.map, token.markup) ? token.info.trim() : null;
  }
  return { start: offsetOfLine(text, start), fence };
}

function isClosed(text: string, lines: [number, number], markup: string): boolean {
  const all = text.split("\n");
  const last = all[lines[1] - 1] ?? "";
  return lines[1] - lines[0] > 1 && last.trim().startsWith(markup) && last.trim().length >= markup.length;
}

function offsetOfLine(text: string, line: number): number {
  let at = 0;
  for (let count = 0; count < line; count++) at = text.indexOf("\n", at) + 1;
  return at;
}
