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

const NONE: Choices = {
  models: [],
  presets: [],
  schemas: [],
  efforts: [],
  effort: { effort: "off", source: "platform", locked: true },
  sees_reasoning: true,
  default_model: null,
  default_preset: null,
};

export function readFacts(): Facts {
  return Object.assign({ choices: NONE }, JSON.parse(must("#snapshot").textContent ?? "{}") as Facts);
}
