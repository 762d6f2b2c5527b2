import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type { ServerFrame } from "../src/frames";
import { Outbox } from "../src/outbox";
import { Sender, WAITS } from "../src/sender";
import { prompt } from "./prompts";
import { Shelf } from "./shelf";

const LONG = prompt("long", { text: "x".repeat(60_000) });
const SHORT = prompt("short");
const ACCEPTED = { type: "accepted", ref: null, conversation: "tides", message: "long" };

let outbox: Outbox;
let sender: Sender;
let requests: Record<string, unknown>[];
let answers: ServerFrame[];
let posted: string[];
let notice: string;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  outbox = new Outbox(new Shelf(), "outbox");
  requests = [];
  answers = [];
  posted = [];
  notice = "";
  sender = new Sender(outbox, {
    socket: (request) => requests.push(request) > 0,
    answer: (frame) => void answers.push(frame),
    posted: (conversation) => void posted.push(conversation),
    notice: (words) => (notice = words),
    csrf: "token",
    base: "/o/lab",
  });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

function answering(status: number, frame: unknown): ReturnType<typeof mock.fn> {
  const asked = mock.fn(() => Promise.resolve(new Response(JSON.stringify(frame), { status })));
  globalThis.fetch = asked as unknown as typeof fetch;
  return asked;
}

function refusal(code: string, ref: string | null): Extract<ServerFrame, { type: "refused" }> {
  return { type: "refused", ref, code, text: "No." };
}

test("a short prompt goes by the socket, with the fields of the protocol and no others", async () => {
  await sender.send(SHORT);
  const { begins: _, ...fields } = SHORT;
  assert.deepEqual(requests, [{ action: "send", ref: "short", ...fields }]);
});

test("what was chosen goes along, whatever way the prompt goes, and again when it is sent again", async () => {
  const chosen = { settings: { model: "m" }, options: { effort: "low" as const } };
  const asked = answering(200, ACCEPTED);
  await sender.send({ ...LONG, ...chosen });
  const body = JSON.parse((asked.mock.calls[0]?.arguments[1] as RequestInit).body as string) as object;
  assert.deepEqual(body, { action: "send", ref: "long", ...without(LONG), ...chosen });
  outbox.add({ ...SHORT, ...chosen });
  sender.sendAll();
  assert.deepEqual(requests, [{ action: "send", ref: "short", ...without(SHORT), ...chosen }]);
});

function without({ begins: _, ...fields }: typeof LONG): object {
  return fields;
}

test("a long prompt goes by a POST, and its conversation is opened when it is accepted", async () => {
  const asked = answering(200, ACCEPTED);
  await sender.send(LONG);
  assert.equal(asked.mock.calls[0]?.arguments[0], "/o/lab/c/tides/messages");
  assert.deepEqual(requests, []);
  assert.deepEqual(answers, [{ ...ACCEPTED, ref: "long" }]);
  assert.deepEqual(posted, ["tides"]);
});

test("a refused prompt leaves the outbox, whatever way it went", async () => {
  answering(422, refusal("too-long", null));
  outbox.add(LONG);
  await sender.send(LONG);
  const [frame] = answers;
  assert.ok(frame?.type === "refused" && frame.ref === "long");
  assert.ok(!sender.putsOff(frame));
  assert.deepEqual(sender.settle(frame.ref), LONG);
  assert.deepEqual(outbox.all(), []);
  assert.deepEqual(posted, []);
  assert.equal(sender.settle(frame.ref), undefined);
});

test("a prompt that is put off is kept, told of, and sent again with its id", () => {
  outbox.add(SHORT);
  assert.ok(sender.putsOff(refusal("unavailable", "short")));
  assert.equal(notice, WAITS);
  assert.equal(requests.length, 0);
  mock.timers.tick(6_000);
  assert.deepEqual(
    requests.map((one) => one.ref),
    ["short"],
  );
  assert.equal(notice, WAITS);
  sender.settle("short");
  assert.equal(notice, "");
});

test("a refusal of something else puts no prompt off", () => {
  outbox.add(SHORT);
  assert.ok(!sender.putsOff(refusal("unavailable", "open:tides")));
  assert.ok(!sender.putsOff(refusal("unavailable", null)));
  assert.equal(notice, "");
});

test("a POST that does not arrive is tried again until it does", async () => {
  const asked = mock.fn(() => Promise.reject(new TypeError("Failed to fetch")));
  globalThis.fetch = asked as unknown as typeof fetch;
  outbox.add(LONG);
  await sender.send(LONG);
  assert.equal(notice, WAITS);
  mock.timers.tick(6_000);
  assert.equal(asked.mock.callCount(), 2);
  assert.deepEqual(outbox.all(), [LONG]);
});

test("the notice stays while one of several prompts waits", () => {
  outbox.add(SHORT);
  outbox.add(prompt("other"));
  sender.putsOff(refusal("unavailable", "short"));
  sender.settle("other");
  assert.equal(notice, WAITS);
  sender.settle("short");
  assert.equal(notice, "");
});
