import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Drafts, NEW } from "../src/drafts";
import { install, Shelf } from "./shelf";

let shelf: Shelf;

beforeEach(() => {
  shelf = new Shelf();
  install(shelf);
});

test("each conversation has a draft of its own", () => {
  const drafts = new Drafts("draft");
  assert.equal(drafts.open("one"), "");
  drafts.keep("for one");
  assert.equal(drafts.open("two"), "");
  drafts.keep("for two");
  assert.equal(drafts.open("one"), "for one");
});

test("what was refused goes before the draft of a conversation that is not shown", () => {
  const drafts = new Drafts("draft");
  drafts.open("one");
  drafts.keep("begun since");
  drafts.open("two");
  drafts.putBack("refused", "one");
  drafts.putBack("another", "three");
  assert.equal(drafts.open("one"), "refused\n\nbegun since");
  assert.equal(drafts.open("three"), "another");
  assert.equal(drafts.open("two"), "");
});

test("a tab in which nothing was written keeps the other's words", () => {
  const [busy, idle] = [new Drafts("draft"), new Drafts("draft")];
  busy.open("one");
  idle.open("one");
  busy.keep("written here");
  idle.keep("");
  assert.equal(new Drafts("draft").open("one"), "written here");
  // Nor does a prompt that another tab has sent come back.
  assert.equal(idle.open("one"), "written here");
  busy.keep("");
  idle.keep("written here");
  assert.equal(shelf.kept.size, 0);
});

test("a draft goes along when its conversation is given an id, and leaves another tab's", () => {
  const [mine, other] = [new Drafts("draft"), new Drafts("draft")];
  mine.open(NEW);
  mine.keep("first");
  mine.rename("born", "first, and more");
  assert.deepEqual([...shelf.kept], [["draft:born", "first, and more"]]);
  other.open(NEW);
  mine.open(NEW);
  other.keep("theirs");
  mine.rename("second", "");
  assert.equal(new Drafts("draft").open(NEW), "theirs");
});
