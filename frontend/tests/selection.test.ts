import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { offered } from "../src/choices";
import { NEW } from "../src/drafts";
import { Selection } from "../src/selection";
import { offers } from "./offers";
import { install, Shelf } from "./shelf";

let shelf: Shelf;
let shown: number;

beforeEach(() => {
  shelf = new Shelf();
  shown = 0;
  install(shelf);
});

function selection(conversation = NEW, saved?: object): Selection {
  const made = new Selection(
    "choices",
    (options) => offered(offers(), options),
    () => shown++,
  );
  made.open(conversation, saved);
  return made;
}

test("what the conversation has already is not sent again", () => {
  const chosen = selection("tides", { effort: "low" });
  assert.deepEqual(chosen.forRequest(), {});
  chosen.choose({ effort: "high" });
  assert.deepEqual(chosen.forRequest(), { settings: { effort: "high" } });
  chosen.choose({ effort: "low" });
  assert.deepEqual(chosen.forRequest(), {});
});

test("a choice is sent until the server has taken it, and survives a reload", () => {
  selection("tides", {}).choose({ effort: "high" });
  const after = selection("tides", {});
  assert.deepEqual(after.forRequest(), { settings: { effort: "high" } });
  // A page of the conversation that is older than the choice changes nothing.
  after.learn({});
  assert.deepEqual(after.settings, { effort: "high" });
  after.learn({ effort: "high" });
  assert.deepEqual(after.forRequest(), {});
  assert.equal(shelf.kept.size, 0);
});

test("what is for the next answer alone goes with one request, and comes back with a refused one", () => {
  const chosen = selection("tides", { model: "large" });
  chosen.chooseOnce({ effort: "high" });
  assert.deepEqual(selection("tides", { model: "large" }).once, { effort: "high" });
  const sent = chosen.forRequest();
  assert.deepEqual(sent, { options: { effort: "high" } });
  assert.deepEqual(chosen.forRequest(), {});
  chosen.putBack(sent.options);
  assert.deepEqual(chosen.once, { effort: "high" });
  assert.deepEqual(chosen.settings, { model: "large" });
});

test("a model is remembered for new chats, an effort is not", () => {
  const chosen = selection("tides", {});
  chosen.choose({ model: "plain" });
  chosen.choose({ effort: "high" });
  assert.deepEqual(selection().settings, { model: "plain" });
  chosen.choose({ preset: "judge", model: undefined });
  assert.deepEqual(selection().forRequest(), { settings: { preset: "judge" } });
});

test("a remembered model that is offered no more is forgotten", () => {
  selection("tides", {}).choose({ model: "gone" });
  assert.deepEqual(selection().settings, {});
});

test("a choice goes along when its conversation is given an id, and back when it is refused", () => {
  const chosen = selection();
  chosen.choose({ effort: "high" });
  chosen.rename("born");
  assert.deepEqual(selection().settings, {});
  assert.deepEqual(selection("born", {}).settings, { effort: "high" });
  chosen.rename(NEW);
  assert.deepEqual(selection().settings, { effort: "high" });
});

test("every change is shown, and what is not a choice is none", () => {
  const chosen = selection("tides", {});
  const before = shown;
  chosen.choose({ effort: "high" });
  assert.ok(shown > before);
  shelf.setItem("choices:other", "{");
  shelf.setItem("choices", "7");
  assert.deepEqual(selection("other", {}).settings, {});
  assert.deepEqual(selection().settings, {});
});
