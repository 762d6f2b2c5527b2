// Maths as MathML, by temml, which is loaded when the first formula appears. What it cannot read stays text.
import { mathFragment } from "./trusted";

type Temml = { renderToString(tex: string, options: Record<string, unknown>): string };
let loading: Promise<Temml> | null = null;

export function dressMaths(root: ParentNode): void {
  const found = [...root.querySelectorAll<HTMLElement>("code.math-inline, code.math-block")];
  if (found.length) void typeset(found);
}

async function typeset(found: HTMLElement[]): Promise<void> {
  loading ??= import("temml").then((module) => (module as unknown as { default: Temml }).default);
  const temml = await loading;
  for (const element of found) {
    const displayMode = element.classList.contains("math-block");
    const nodes = formula(temml, element.textContent ?? "", displayMode);
    if (!nodes) continue;
    const box = document.createElement(displayMode ? "div" : "span");
    box.className = displayMode ? "math-block" : "math-inline";
    box.append(nodes);
    element.replaceWith(box);
  }
}

function formula(temml: Temml, tex: string, displayMode: boolean): DocumentFragment | null {
  try {
    return mathFragment(
      temml.renderToString(tex, { displayMode, throwOnError: true, trust: false, maxExpand: 100 }),
    );
  } catch {
    return null;
  }
}
