import assert from "node:assert/strict";
import { test } from "node:test";
import { thought } from "../src/thought";

const NOW = 1_000_000;

test("a thought says how long it took, where that is known", () => {
  const part = { type: "reasoning", text: "Hm." } as const;
  assert.equal(thought(part, 0, NOW), "Thought");
  assert.equal(thought(part, NOW - 4_400, NOW), "Thought for 4 s");
  assert.equal(thought({ ...part, seconds: 0.2 }, NOW - 9_000, NOW), "Thought for 1 s");
  assert.equal(thought({ ...part, seconds: 61, tokens: 12 }, 0, NOW), "Thought for 1 min 1 s · 12 tokens");
});
