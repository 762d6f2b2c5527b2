// Code blocks: a bar with the language and buttons; colours come when the highlighter has loaded.
import { CANNOT_COPY, copyText } from "./clipboard";
import { button, element } from "./elements";
import { toast } from "./toast";

type Highlighter = typeof import("./highlighter");
let loading: Promise<Highlighter> | null = null;

const COPIED = 1600;

export function dressCode(root: ParentNode): void {
  for (const pre of root.querySelectorAll("pre")) {
    const code = pre.querySelector("code");
    if (!code) continue;
    const language = /language-([\w+#.-]+)/.exec(code.className)?.[1] ?? "";
    const box = element("div", "code");
    pre.replaceWith(box);
    box.append(bar(language, box, code), pre);
    pre.tabIndex = 0;
    pre.setAttribute("role", "group");
    pre.setAttribute("aria-label", language ? `Code: ${language}` : "Code");
    if (language) void colour(code, language);
  }
}

function bar(language: string, box: HTMLElement, code: HTMLElement): HTMLElement {
  const line = element("div", "code-bar");
  const wrap = button("wrap", "Wrap long lines");
  wrap.setAttribute("aria-pressed", "false");
  wrap.addEventListener("click", () => {
    const on = box.classList.toggle("wrapped");
    wrap.setAttribute("aria-pressed", String(on));
  });
  line.append(
    element("span", "", language || "text"),
    wrap,
    copyButton(() => code.textContent ?? "", "Copy code"),
  );
  return line;
}

export function copyButton(text: () => string, label: string): HTMLButtonElement {
  const copy = button("copy", label);
  copy.addEventListener("click", () => {
    void copyText(text()).then((isCopied) => {
      if (!isCopied) return toast({ text: CANNOT_COPY });
      copy.replaceChildren(...button("check", "").childNodes);
      copy.classList.add("did");
      copy.setAttribute("aria-label", "Copied");
      setTimeout(() => {
        copy.replaceChildren(...button("copy", "").childNodes);
        copy.classList.remove("did");
        copy.setAttribute("aria-label", label);
      }, COPIED);
    });
  });
  return copy;
}

async function colour(code: HTMLElement, language: string): Promise<void> {
  loading ??= import("./highlighter");
  try {
    (await loading).highlight(code, language);
  } catch {
    // Out of reach for now: the code stays readable without colours.
    loading = null;
  }
}
