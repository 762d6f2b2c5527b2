import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delta, Message, Part, ServerFrame } from "../src/frames";
import { Store } from "../src/store";

type Entry = [kind: Delta["kind"], text: string];

const ENTRIES: Entry[] = [
  ["reasoning", "The moon, "],
  ["reasoning", "then the sun."],
  ["text", "# Tides\n"],
  ["text", "\n"],
  ["text", "Water rises 🌕 "],
  ["text", "and "],
  ["text", "falls."],
];
const WHOLE = partsAfter(ENTRIES.length);
const CONVERSATION = { id: "tides", title: "Tides" };

function partsAfter(count: number): Part[] {
  const parts: Part[] = [];
  for (const [type, text] of ENTRIES.slice(0, count)) {
    const last = parts[parts.length - 1];
    if (last?.type === type) last.text += text;
    else parts.push({ type, text });
  }
  return parts;
}

function message(id: string, facts: Partial<Message> = {}): Message {
  const asked = { id, parent: null, role: "user", created: "", parts: [], siblings: [id] } as const;
  const made = { generation: null, state: "done", sequence: 0, words: "", model: "", usage: null } as const;
  return { ...asked, ...made, ...facts } as Message;
}

/** The answer's row as it was saved after so many entries. */
function row(count: number, facts: Partial<Message> = {}): Message {
  return message("answer", {
    parent: "question",
    role: "assistant",
    generation: "first",
    state: "running",
    parts: partsAfter(count),
    sequence: count,
    ...facts,
  });
}

function snapshot(count: number): ServerFrame {
  return {
    type: "conversation",
    ref: null,
    conversation: CONVERSATION,
    messages: [message("question"), row(count)],
  };
}

function line(place: number): ServerFrame {
  const facts = { conversation: "tides", message: "answer", generation: "first" } as const;
  return { type: "line", ...facts, place, of: 9, seconds: 40, words: "" };
}

function stream(n: number, sequence: number, parts?: Part[]): ServerFrame {
  const facts = { conversation: "tides", message: "answer", generation: "first", state: "running" } as const;
  return { type: "stream", n, sequence, ...facts, ...(parts ? { parts } : {}) };
}

function deltas(n: number, from: number, to = ENTRIES.length): Delta[] {
  return ENTRIES.slice(from, to).map(([kind, text], at) => ({
    type: "delta",
    n,
    sequence: from + at + 1,
    kind,
    text,
  }));
}

function storeAt(count: number): Store {
  return new Store(CONVERSATION, [message("question"), row(count)]);
}

function applyAll(store: Store, frames: (ServerFrame | Delta)[]): void {
  for (const frame of frames) store.apply(frame);
}

test("a page and the deltas after it are the whole answer, wherever it was delivered", () => {
  for (let split = 0; split <= ENTRIES.length; split++) {
    const store = storeAt(split);
    applyAll(store, [snapshot(split), stream(1, split), ...deltas(1, split)]);
    assert.deepEqual(store.get("answer")?.parts, WHOLE, `split at ${split}`);
    assert.equal(store.get("answer")?.sequence, ENTRIES.length);
  }
});

test("a page that was away goes on from what it shows, however old the row is", () => {
  for (let shown = 0; shown <= ENTRIES.length; shown++)
    for (let saved = 0; saved <= ENTRIES.length; saved++) {
      const store = storeAt(0);
      applyAll(store, [stream(1, 0), ...deltas(1, 0, shown)]);
      assert.deepEqual(store.have(), shown ? { first: shown } : {});
      const known = Math.max(shown, saved);
      applyAll(store, [snapshot(saved), stream(2, known), ...deltas(2, known)]);
      assert.deepEqual(store.get("answer")?.parts, WHOLE, `shown ${shown}, saved ${saved}`);
    }
});

test("what comes twice is folded in once", () => {
  const store = storeAt(0);
  applyAll(store, [stream(1, 0), ...deltas(1, 0, 4), ...deltas(1, 0, 4), ...deltas(1, 2)]);
  assert.deepEqual(store.get("answer")?.parts, WHOLE);
});

test("a stream that brings the whole text replaces what was shown", () => {
  const store = storeAt(2);
  applyAll(store, [stream(3, 5, partsAfter(5)), ...deltas(3, 5)]);
  assert.deepEqual(store.get("answer")?.parts, WHOLE);
});

test("what is taken back is counted in code points", () => {
  const store = storeAt(5);
  const kept = "# Tides\n\nWater rises 🌕";
  applyAll(store, [
    stream(1, 5),
    { type: "retract", n: 1, sequence: 6, part: 1, keep: [...kept].length },
    { type: "delta", n: 1, sequence: 7, kind: "text", text: "!" },
  ]);
  assert.equal(store.get("answer")?.parts[1]?.text, `${kept}!`);
});

test("a row that has ended stands, even where the page was shown more", () => {
  const store = storeAt(0);
  applyAll(store, [stream(1, 0), ...deltas(1, 0, 6)]);
  store.apply({ type: "message", conversation: "tides", message: row(3, { state: "interrupted" }) });
  assert.deepEqual(store.get("answer")?.parts, partsAfter(3));
  assert.equal(store.writing(), undefined);
});

test("frames about another conversation change nothing", () => {
  const store = storeAt(2);
  store.turnTo({ id: "other", title: "" });
  const late: (ServerFrame | Delta)[] = [
    snapshot(3),
    stream(1, 3),
    ...deltas(1, 3),
    { type: "message", conversation: "tides", message: row(3) },
    { type: "title", conversation: "tides", title: "Late" },
  ];
  for (const frame of late) assert.equal(store.apply(frame), null);
  assert.deepEqual(store.shown(), []);
});

test("a message takes the place of its sketch, and one after an earlier message cuts the branch there", () => {
  const store = new Store(CONVERSATION, [message("one"), message("two", { parent: "one" })]);
  const put = (made: Message) => store.apply({ type: "message", conversation: "tides", message: made });
  assert.deepEqual(put(message("three", { parent: "two" })), { what: "all" });
  assert.deepEqual(put(message("three", { parent: "two", words: "as stored" })), {
    what: "message",
    id: "three",
  });
  assert.deepEqual(store.branch, ["one", "two", "three"]);
  put(message("other", { parent: "one" }));
  assert.deepEqual(store.branch, ["one", "other"]);
  assert.equal(put(message("lost", { parent: "nobody" })), null);
});

test("an edit shows the branch before it, and a refused message leaves it", () => {
  const store = new Store(CONVERSATION, [message("one"), message("two", { parent: "one" })]);
  store.cutBefore("two");
  store.apply({ type: "message", conversation: "tides", message: message("again", { parent: "one" }) });
  assert.deepEqual(store.branch, ["one", "again"]);
  store.drop("again");
  assert.equal(store.last()?.id, "one");
});

test("JSON grows on a channel of its own, is taken back and written again, and ends with its verdict", () => {
  const store = storeAt(0);
  const json = (sequence: number, text: string): Delta => ({
    type: "delta",
    n: 1,
    sequence,
    kind: "json",
    text,
  });
  applyAll(store, [
    stream(1, 0),
    { type: "delta", n: 1, sequence: 1, kind: "reasoning", text: "A list." },
    json(2, '{"a": '),
    json(3, "oops"),
    { type: "retract", n: 1, sequence: 4, part: 1, keep: 0 },
    json(5, '{"a": 1}'),
    {
      type: "state",
      conversation: "tides",
      message: "answer",
      generation: "first",
      state: "done",
      sequence: 6,
      words: "",
      json: { valid: false, problem: "“a” must be a text." },
      effort: "low",
    },
  ]);
  const [thought, part] = store.get("answer")?.parts ?? [];
  assert.equal(thought?.text, "A list.");
  assert.deepEqual(part, { type: "json", text: '{"a": 1}', valid: false, problem: "“a” must be a text." });
  assert.equal(store.get("answer")?.effort, "low");
});

test("a thought whose text never comes is a hidden one", () => {
  const store = storeAt(0);
  const silent = (sequence: number): Delta => ({
    type: "delta",
    n: 1,
    sequence,
    kind: "reasoning",
    text: "",
  });
  applyAll(store, [stream(1, 0), silent(1), silent(2)]);
  assert.deepEqual(store.get("answer")?.parts, [{ type: "reasoning", text: "", hidden: true }]);
});

test("what was written is remembered when its text is withheld, however the page hears of it", () => {
  const receipt = { state: "kept" } as Part["receipt"];
  const asked = message("question", { parts: [{ type: "text", text: "All about it" }] });
  const withheld = message("question", { parts: [{ type: "notice", text: "Not sent.", receipt }] });
  const frames: ServerFrame[] = [
    { type: "message", conversation: "tides", message: withheld },
    { type: "conversation", ref: null, conversation: CONVERSATION, messages: [withheld] },
  ];
  for (const frame of frames) {
    const store = new Store(CONVERSATION, [asked]);
    assert.equal(store.written("question"), undefined);
    store.apply(frame);
    assert.equal(store.written("question"), "All about it");
    assert.equal(store.get("question")?.parts[0]?.text, "Not sent.");
  }
});

test("a place in line is kept while an answer is queued, and gone when it begins", () => {
  const store = new Store(CONVERSATION, [message("question"), row(0, { state: "queued" })]);
  assert.deepEqual(store.apply(line(3)), { what: "message", id: "answer" });
  store.apply({ type: "message", conversation: "tides", message: row(0, { state: "queued" }) });
  assert.deepEqual(store.get("answer")?.line, { place: 3, of: 9, seconds: 40, words: "" });
  store.apply(line(0));
  assert.equal(store.get("answer")?.line, undefined);
  store.apply(stream(1, 0));
  store.apply({ type: "delta", n: 1, sequence: 1, kind: "text", text: "The" });
  assert.equal(store.apply(line(2)), null, "it has begun");
});
