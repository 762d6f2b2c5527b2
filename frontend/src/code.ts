// Code blocks: a bar with the language and a copy button; colours come when the highlighter has loaded.
import { button } from "./elements";

let loading: Promise<typeof import("./highlighter")> | null = null;

export function dressCode(root: ParentNode): void {
  for (const pre of root.querySelectorAll("pre")) {
    const code = pre.querySelector("code");
    if (!code || pre.parentElement?.classList.contains("code")) continue;
    const language = languageOf(code);
    const box = document.createElement("div");
    box.className = "code";
    pre.replaceWith(box);
    box.append(
      bar(language, () => code.textContent ?? ""),
      pre,
    );
    pre.tabIndex = 0;
    pre.setAttribute("role", "region");
    pre.setAttribute("aria-label", language ? `Code: ${language}` : "Code");
    if (language) void colour(code, language);
  }
}

function languageOf(code: Element): string {
  return /language-([\w+#.-]+)/.exec(code.className)?.[1] ?? "";
}

function bar(language: string, text: () => string): HTMLElement {
  const line = document.createElement("div");
  line.className = "code-bar";
  const name = document.createElement("span");
  name.textContent = language || "text";
  line.append(name, copyButton(text, "Copy code"));
  return line;
}

export function copyButton(text: () => string, label: string): HTMLButtonElement {
  const copy = button("copy", label);
  copy.addEventListener("click", () => {
    void navigator.clipboard.writeText(text()).then(() => {
      copy.classList.add("did");
      copy.setAttribute("aria-label", "Copied");
      setTimeout(() => {
        copy.classList.remove("did");
        copy.setAttribute("aria-label", label);
      }, 1600);
    });
  });
  return copy;
}

async function colour(code: HTMLElement, language: string): Promise<void> {
  loading ??= import("./highlighter");
  const { highlight } = await loading;
  highlight(code, language);
}
