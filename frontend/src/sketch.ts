// What the page shows before the server has confirmed it: same ids, so that the real thing takes its place.
import type { ConversationFacts, Message } from "./frames";
import type { Prompt } from "./outbox";

export function newConversation(id: string): ConversationFacts {
  return { id, title: "" };
}

export function sketched(prompt: Prompt): Message {
  return {
    id: prompt.message,
    parent: prompt.parent,
    role: "user",
    created: new Date().toISOString(),
    parts: [{ type: "text", text: prompt.text }],
    siblings: [prompt.message],
    generation: null,
    state: "done",
    sequence: 0,
    words: "",
    model: "",
    usage: null,
  };
}
