// What the page was delivered with.
import type { Choices } from "./choices";
import { must } from "./elements";
import type { ConversationFacts, Message } from "./frames";

export interface Facts {
  organization: string;
  user: { id: string };
  conversation: ConversationFacts | null;
  messages: Message[];
  build: string;
  choices: Choices;
}

export function readFacts(): Facts {
  return JSON.parse(must("#snapshot").textContent ?? "{}") as Facts;
}
