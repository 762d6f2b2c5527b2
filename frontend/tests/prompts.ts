// Prompts for tests.
import type { Prompt } from "../src/outbox";

export function prompt(message: string, facts: Partial<Prompt> = {}): Prompt {
  return {
    conversation: "tides",
    message,
    parent: null,
    text: `Text of ${message}`,
    begins: false,
    ...facts,
  };
}
