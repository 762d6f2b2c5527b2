import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../src/outbox";
import { prompt } from "./prompts";
import { Shelf } from "./shelf";

test("prompts survive a reload, in their order, each once", () => {
  const shelf = new Shelf();
  const outbox = new Outbox(shelf, "outbox");
  for (const name of ["one", "two", "one"]) outbox.add(prompt(name));
  const after = new Outbox(shelf, "outbox");
  assert.deepEqual(
    after.all().map((one) => one.message),
    ["two", "one"],
  );
  assert.deepEqual(after.get("one"), prompt("one"));
});

test("a prompt is taken once, and an empty outbox leaves nothing behind", () => {
  const shelf = new Shelf();
  const outbox = new Outbox(shelf, "outbox");
  outbox.add(prompt("one"));
  assert.deepEqual(outbox.take("one"), prompt("one"));
  assert.equal(outbox.take("one"), undefined);
  assert.equal(shelf.kept.size, 0);
});

test("a full browser loses no prompt of this page", () => {
  const shelf = new Shelf();
  const outbox = new Outbox(shelf, "outbox");
  outbox.add(prompt("one"));
  shelf.isFull = true;
  outbox.add(prompt("two"));
  assert.equal(outbox.all().length, 2);
  shelf.isFull = false;
  outbox.take("one");
  assert.deepEqual(new Outbox(shelf, "outbox").all(), [prompt("two")]);
});

test("what is no outbox is an empty one", () => {
  const shelf = new Shelf();
  for (const bad of ["{", "7", '{"message":"one"}', ""]) {
    shelf.setItem("outbox", bad);
    assert.deepEqual(new Outbox(shelf, "outbox").all(), [], bad);
  }
});

test("an edited first message begins no conversation", () => {
  const outbox = new Outbox(new Shelf(), "outbox");
  outbox.add(prompt("edited", { conversation: "old" }));
  assert.equal(outbox.beginning(), undefined);
  outbox.add(prompt("first", { conversation: "young", begins: true }));
  assert.equal(outbox.beginning("old"), undefined);
  assert.equal(outbox.beginning("young")?.message, "first");
  assert.equal(outbox.beginning()?.message, "first");
});
