// What a screen reader is told when an answer has ended.
import { receiptWords } from "./receipt";
import type { Store } from "./store";

export function endWords(store: Store): string {
  const last = store.last();
  if (last?.state === "done") return "Answer complete.";
  const asked = store.get(last?.parent ?? "");
  return receiptWords([...(last?.parts ?? []), ...(asked?.parts ?? [])]) || (last?.words ?? "");
}
