import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFrame } from "../src/frames";

test("a delta's text is everything after the second separator, exactly", () => {
  const texts = ["", " ", "a b", "\n", "{", "~", "#", "1 2 3", " x ", "\u2028", "👋", "7~8 9"];
  for (const text of texts) {
    assert.deepEqual(parseFrame(`7 12 ${text}`), { type: "delta", n: 7, sequence: 12, kind: "text", text });
    assert.deepEqual(parseFrame(`107~3 ${text}`), {
      type: "delta",
      n: 107,
      sequence: 3,
      kind: "reasoning",
      text,
    });
    assert.deepEqual(parseFrame(`9#4 ${text}`), { type: "delta", n: 9, sequence: 4, kind: "json", text });
  }
});

test("everything that begins with a brace is a control frame", () => {
  assert.deepEqual(parseFrame('{"type":"pong","ref":"a"}'), { type: "pong", ref: "a" });
});
