// The marks of what a policy redacted: shown as small labels, copied as the text they are.
import { element } from "./elements";

const MARK = /\[redacted: ([^[\]\n]{1,300})\]/;
const OPENING = "[redacted: ";
const LITERAL = "pre, code, math, .redacted";

/** Show the marks in a rendered text; in code they stay as they are. */
export function dressRedactions(root: ParentNode & Node): void {
  if (!root.textContent?.includes(OPENING)) return;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    if (text.data.includes(OPENING) && !text.parentElement?.closest(LITERAL)) found.push(text);
  }
  for (const text of found) text.replaceWith(marked(text.data));
}

/** A text with its marks. */
export function marked(text: string): DocumentFragment {
  const made = document.createDocumentFragment();
  let rest = text;
  for (let at = MARK.exec(rest); at; at = MARK.exec(rest)) {
    made.append(rest.slice(0, at.index), mark(at[1] ?? ""));
    rest = rest.slice(at.index + at[0].length);
  }
  made.append(rest);
  return made;
}

function mark(category: string): HTMLElement {
  const made = element("span", "redacted");
  made.title = `Taken out by your organization’s policy: ${category}`;
  made.append(element("span", "edge", "["), `redacted: ${category}`, element("span", "edge", "]"));
  return made;
}
