// What a screen reader is told when an answer has ended.
import type { Store } from "./store";

export function endWords(store: Store): string {
  const last = store.last();
  if (last?.state === "done") return "Answer complete.";
  const asked = store.get(last?.parent ?? "");
  const parts = [...(last?.parts ?? []), ...(asked?.parts ?? [])];
  return parts.find((part) => part.receipt)?.text ?? last?.words ?? "";
}
