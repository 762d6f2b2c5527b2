import assert from "node:assert/strict";
import { test } from "node:test";
import { holding, modelWords, offered } from "../src/choices";
import { otherEfforts } from "../src/effort";
import { model, offers } from "./offers";

function effort(...[settings, once, facts]: [object?, object?, object?]): string {
  const now = holding(offers(facts), settings ?? {}, once ?? {});
  return `${now.effort} by ${now.source}`;
}

test("the last level that chooses an effort wins", () => {
  assert.equal(effort(), "low by organization");
  assert.equal(effort({ preset: "judge" }), "high by preset");
  assert.equal(effort({ preset: "judge", effort: "off" }), "off by conversation");
  assert.equal(effort({ effort: "off" }, { effort: "medium" }), "medium by message");
});

test("no choice passes the ceiling or a lock, and a model that cannot think has none", () => {
  assert.equal(effort({ effort: "max" }), "high by conversation");
  const locked = { effort: { effort: "off", source: "platform", locked: true } };
  assert.equal(effort({ effort: "high" }, { effort: "high" }, locked), "off by platform");
  assert.deepEqual(holding(offers(locked as object), {}, {}).efforts, []);
  assert.equal(effort({ model: "plain", effort: "high" }), "off by model");
});

test("an assistant brings its model and its format, and a model of its own takes its place", () => {
  const clerk = holding(offers(), { preset: "clerk" }, {});
  assert.deepEqual([clerk.model?.id, clerk.format], ["plain", "json"]);
  const usual = offers({ default_preset: "clerk" });
  assert.equal(holding(usual, {}, {}).preset?.id, "clerk");
  assert.equal(holding(usual, { model: "large" }, {}).preset, undefined);
  assert.equal(holding(usual, { preset: "clerk", format: "text" }, {}).format, "text");
});

test("what is offered no more is told, and not chosen for new chats", () => {
  assert.ok(holding(offers(), { model: "gone" }, {}).isGone);
  assert.ok(holding(offers(), { preset: "gone" }, {}).isGone);
  assert.ok(!holding(offers(), {}, {}).isGone);
  assert.deepEqual(offered(offers(), { model: "gone", effort: "low" }), { effort: "low" });
  assert.deepEqual(offered(offers(), { format: "schema", schema: "gone" }), {});
  assert.deepEqual(offered(offers(), { preset: "clerk" }), { preset: "clerk" });
});

test("a model is told in a few words, or why it cannot answer", () => {
  assert.equal(modelWords(model("a")), "128k context · thinks · tools");
  assert.equal(modelWords(model("a", { ready: false, words: "Does not answer." })), "Does not answer.");
});

test("another try thinks where the first did not, more where there is more, and not at all", () => {
  const all = ["off", "low", "medium", "high"] as const;
  const tries = (used: (typeof all)[number], efforts: readonly (typeof all)[number][]) =>
    otherEfforts(used, efforts).map((one) => one.effort);
  assert.deepEqual(tries("off", all), ["medium"]);
  assert.deepEqual(tries("off", ["off", "low"]), ["low"]);
  assert.deepEqual(tries("low", all), ["medium", "off"]);
  assert.deepEqual(tries("high", all), ["off"]);
  assert.deepEqual(tries("off", []), []);
});
