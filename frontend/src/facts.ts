// What the page was delivered with.
import type { Choices } from "./choices";
import { must } from "./elements";
import type { ConversationFacts, Message } from "./frames";
import type { Outcome } from "./outcomes";
import type { TemporaryFacts } from "./temporary";

export interface Facts {
  organization: string;
  user: { id: string };
  conversation: ConversationFacts | null;
  messages: Message[];
  build: string;
  choices: Choices;
  /** What reviewers decided lately about this person's messages. */
  outcomes: Outcome[];
  temporary: TemporaryFacts;
}

export function readFacts(): Facts {
  return JSON.parse(must("#snapshot").textContent ?? "{}") as Facts;
}
