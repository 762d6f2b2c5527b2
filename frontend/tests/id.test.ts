import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../src/id";

test("an id is a lower-case UUID of version 4, made without what only https has", () => {
  Object.defineProperty(globalThis.crypto, "randomUUID", { value: undefined, configurable: true });
  const ids = Array.from({ length: 500 }, newId);
  for (const id of ids)
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(ids).size, ids.length);
});
