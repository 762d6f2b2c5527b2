// What the page shows before the server has confirmed it: same ids, so that the real thing takes its place.
import type { ConversationFacts, Message } from "./frames";
import type { Outbox, Prompt } from "./outbox";
import type { Store } from "./store";

export function newConversation(id: string, temporary?: true): ConversationFacts {
  return { id, title: "", ...(temporary && { temporary: new Date().toISOString() }) };
}

/** An answer is being written, or asked for. */
export function isBusy(outbox: Outbox, store: Store): boolean {
  const last = store.last();
  const isAsked = last?.role === "user" && outbox.get(last.id) !== undefined;
  return isAsked || store.writing() !== undefined;
}

/** Show the prompts of the shown conversation that nobody has confirmed. */
export function sketchAll(outbox: Outbox, store: Store): void {
  for (const prompt of outbox.all())
    if (prompt.conversation === store.conversation?.id) sketch(prompt, store);
}

/** Show a prompt at once; the server's own message replaces it under the same id. */
export function sketch(prompt: Prompt, store: Store): void {
  if (store.get(prompt.message)) return;
  store.apply({ type: "message", conversation: prompt.conversation, message: sketched(prompt) });
}

function sketched(prompt: Prompt): Message {
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
