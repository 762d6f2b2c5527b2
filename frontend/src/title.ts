// The title of the shown conversation, above it and in the browser's tab.
import { must } from "./elements";
import type { Store } from "./store";

export function showTitle(store: Store): void {
  const title = store.conversation?.title || "New chat";
  must("#title").textContent = title;
  document.title = `${title} · Hermes`;
}
