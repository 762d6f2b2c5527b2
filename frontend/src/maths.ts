// Maths as MathML, by temml, which is loaded when the first formula appears. What it cannot read stays text.
import { mathFragment } from "./trusted";

type Temml = { renderToString(tex: string, options: Record<string, unknown>): string };
let loading: Promise<Temml> | null = null;

export function dressMaths(root: ParentNode): void {
  const found = [...root.querySelectorAll<HTMLElement>("code.math-inline, code.math-block")];
  if (found.length) void typeset(found);
}

async function typeset(found: HTMLElement[]): Promise<void> {
  const temml = await load();
  if (!temml) return;
  for (const element of found) {
    const displayMode = element.classList.contains("math-block");
    const nodes = formula(temml, element.textContent ?? "", displayMode);
    if (!nodes) continue;
    const box = document.createElement("span");
    box.className = displayMode ? "math-block" : "math-inline";
    // A wide formula scrolls by itself, with the keyboard too.
    if (displayMode) box.tabIndex = 0;
    box.append(nodes);
    element.replaceWith(box);
  }
}

async function load(): Promise<Temml | null> {
  loading ??= import("temml").then((module) => (module as unknown as { default: Temml }).default);
  try {
    return await loading;
  } catch {
    // Out of reach for now: the formula stays as it was written.
    loading = null;
    return null;
  }
}

function formula(temml: Temml, tex: string, displayMode: boolean): DocumentFragment | null {
  try {
    const markup = temml.renderToString(tex, {
      displayMode,
      throwOnError: true,
      trust: false,
      maxExpand: 100,
    });
    // The page's policy allows no style attributes; quotes in text are escaped, so only attributes match.
    return mathFragment(markup.replace(/ style="[^"]*"/g, ""));
  } catch {
    return null;
  }
}
