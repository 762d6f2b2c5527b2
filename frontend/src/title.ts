// The title of the shown conversation, above it and in the browser's tab.
import { must } from "./elements";
import type { Store } from "./store";

export function showTitle(store: Store): void {
  const { conversation } = store;
  const title = conversation?.temporary ? "Temporary chat" : conversation?.title || "New chat";
  must("#title").textContent = title;
  document.title = `${title} · Hermes`;
}
