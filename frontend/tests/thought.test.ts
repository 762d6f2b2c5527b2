import assert from "node:assert/strict";
import { test } from "node:test";
import { about, thought, tokensIn } from "../src/thought";

const NOW = 1_000_000;

test("a thought says how long it took, where that is known", () => {
  const part = { type: "reasoning", text: "Hm." } as const;
  assert.equal(thought(part, 0, NOW), "Thought");
  assert.equal(thought(part, NOW - 4_400, NOW), "Thought for 4 s");
  assert.equal(thought({ ...part, seconds: 0.2 }, NOW - 9_000, NOW), "Thought for 1 s");
  assert.equal(thought({ ...part, seconds: 61, tokens: 12 }, 0, NOW), "Thought for 1 min 1 s · 12 tokens");
});

test("a thought that is not shown says so", () => {
  const part = { type: "reasoning", text: "", hidden: true, seconds: 12, tokens: 340 } as const;
  const words = "Thought for 12 s · 340 tokens · your organization does not show thoughts";
  assert.equal(thought(part, 0, NOW), words);
});

test("a thought that goes on says about how much of its budget is used, never more than all", () => {
  assert.equal(about(0), "");
  assert.equal(about(tokensIn("x".repeat(1_336))), "about 350 tokens");
  assert.equal(about(1_187, 4_096), "about 1,200 of 4,096 tokens");
  assert.equal(about(0, 1_024), "about 0 of 1,024 tokens");
  assert.equal(about(9_999, 1_024), "about 1,024 of 1,024 tokens");
});
