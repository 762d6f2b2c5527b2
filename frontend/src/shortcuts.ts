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
  const showSheet = () => (sheet.open ? sheet.close() : sheet.showModal());
  const withControl: Record<string, () => void> = {
    k: keys.search,
    "/": showSheet,
    b: keys.toggleSidebar,
  };
  const withControlAndShift: Record<string, () => void> = {
    o: keys.newChat,
    c: keys.copyLast,
    "/": showSheet,
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const key = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    const withKeys = event.shiftKey ? withControlAndShift : withControl;
    const act = control ? withKeys[key] : plain(event, keys, showSheet);
    if (!act) return;
    event.preventDefault();
    act();
  });
  must("#show-shortcuts").addEventListener("click", showSheet);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  nameKeys(sheet);
}

function plain(event: KeyboardEvent, keys: Keys, showSheet: () => void): (() => void) | undefined {
  const field = event.target instanceof Element ? event.target.closest("input, textarea, select") : null;
  if (event.key === "Escape") return stops(field) ? keys.stop : undefined;
  if (field) return undefined;
  if (event.key === "?") return showSheet;
  if (event.key === "/") return keys.focusComposer;
  return undefined;
}

/** Escape closes what is open first; in a field other than the composer it belongs to the field. */
function stops(field: Element | null): boolean {
  if (field && field.id !== "prompt") return false;
  return !document.querySelector("dialog[open], details.menu[open]");
}

/** Apple's keyboards name it otherwise. */
function nameKeys(sheet: HTMLElement): void {
  if (!/Mac|iPhone|iPad/.test(navigator.userAgent)) return;
  for (const key of sheet.querySelectorAll("kbd")) if (key.textContent === "Ctrl") key.textContent = "⌘";
}
