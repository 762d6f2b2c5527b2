// Keys, and the sheet that lists them.
import { must } from "./elements";

export interface Keys {
  newChat(): void;
  search(): void;
  focusComposer(): void;
  stop(): void;
  copyLast(): void;
  toggleSidebar(): void;
}

export function listenForKeys(keys: Keys): void {
  const sheet = must<HTMLDialogElement>("#shortcuts");
  const withControl: Record<string, () => void> = {
    k: keys.search,
    "/": () => sheet.showModal(),
    b: keys.toggleSidebar,
  };
  const withControlAndShift: Record<string, () => void> = { o: keys.newChat, c: keys.copyLast };
  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    const act = control
      ? event.shiftKey
        ? withControlAndShift[key]
        : withControl[key]
      : plain(event, keys, sheet);
    if (!act) return;
    event.preventDefault();
    act();
  });
  must("#show-shortcuts").addEventListener("click", () => sheet.showModal());
}

function plain(event: KeyboardEvent, keys: Keys, sheet: HTMLDialogElement): (() => void) | undefined {
  if (event.key === "Escape" && !document.querySelector("dialog[open], details.menu[open]")) return keys.stop;
  const typing =
    event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]");
  if (typing || event.altKey) return undefined;
  if (event.key === "?") return () => sheet.showModal();
  if (event.key === "/") return keys.focusComposer;
  return undefined;
}
