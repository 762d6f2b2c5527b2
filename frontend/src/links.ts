// Links and suggestions that lead to a place on this page.
import { isPlain } from "./list";

interface Hooks {
  newChat(): void;
  fill(text: string): void;
}

export function listenForLinks(hooks: Hooks): void {
  for (const one of document.querySelectorAll<HTMLElement>("[data-suggests]"))
    one.addEventListener("click", () => hooks.fill(one.dataset.suggests ?? ""));
  for (const one of document.querySelectorAll<HTMLElement>("a[data-new-chat]"))
    one.addEventListener("click", (event) => {
      if (!isPlain(event)) return;
      event.preventDefault();
      hooks.newChat();
    });
}
