import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Connection, pauseBefore, type Link } from "../src/connection";

class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    FakeSocket.all.push(this);
  }

  send(data: string): void {
    this.sent.push(data);
  }

  /** A closing handshake takes its time: `onclose` comes when the test says so. */
  close(): void {
    this.readyState = 2;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  closed(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const PING = JSON.stringify({ action: "ping", ref: "" });
const DAY = 86_400_000;

let links: Link[];
let ended: number[];
let connection: Connection;

function socketAt(at: number): FakeSocket {
  const found = FakeSocket.all.at(at);
  assert.ok(found, "a socket was made");
  return found;
}

/** Let what was promised happen. */
function turn(): Promise<void> {
  return new Promise((done) => void setImmediate(done));
}

/** Refuse a handshake. */
function refused(socket: FakeSocket): Promise<void> {
  socket.closed();
  return turn();
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  FakeSocket.all = [];
  links = [];
  ended = [];
  const nothing = () => undefined;
  Object.assign(globalThis, {
    window: globalThis,
    WebSocket: FakeSocket,
    addEventListener: nothing,
    document: { addEventListener: nothing },
  });
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true });
  connection = new Connection("ws://site/socket/", "/session", {
    frame: nothing,
    link: (link) => void links.push(link),
    ended: (code) => void ended.push(code),
  });
});

afterEach(() => mock.timers.reset());

test("pauses double up to a bound, and are spread", () => {
  const longest = [0, 1, 2, 5, 6, 50].map((attempt) => pauseBefore(attempt, () => 1));
  assert.deepEqual(longest, [400, 800, 1600, 12_800, 15_000, 15_000]);
  assert.equal(
    pauseBefore(3, () => 0),
    0,
  );
  assert.equal(
    pauseBefore(3, () => 0.5),
    1600,
  );
});

test("an open socket is asked again and again whether it lives, and given up when it is silent", () => {
  connection.open();
  socketAt(0).open();
  mock.timers.tick(25_000);
  assert.deepEqual(socketAt(0).sent, [PING]);
  socketAt(0).onmessage?.({ data: '{"type":"pong","ref":""}' });
  mock.timers.tick(25_000);
  assert.deepEqual(socketAt(0).sent, [PING, PING]);
  mock.timers.tick(6_000);
  assert.equal(links.at(-1), "waiting");
  mock.timers.tick(15_000);
  assert.equal(FakeSocket.all.length, 2);
});

test("the late close of a socket that was given up leaves the heartbeat of the next", () => {
  connection.open();
  socketAt(0).open();
  connection.open();
  socketAt(1).open();
  socketAt(0).closed();
  assert.equal(links.at(-1), "open");
  mock.timers.tick(25_000);
  assert.deepEqual(socketAt(1).sent, [PING]);
});

test("while the session page is asked, another socket may begin; its answer is not waited for any more", async () => {
  let answer: (found: Response) => void = () => undefined;
  globalThis.fetch = () => new Promise((done) => (answer = done));
  connection.open();
  await refused(socketAt(0));
  mock.timers.tick(400);
  await refused(socketAt(1));
  connection.open();
  socketAt(2).open();
  answer(new Response("{}", { status: 200 }));
  await turn();
  assert.equal(links.at(-1), "open");
  mock.timers.tick(15_000);
  assert.equal(FakeSocket.all.length, 3);
});

test("who is signed out is not connected again", async () => {
  globalThis.fetch = () => Promise.resolve(new Response("{}", { status: 401 }));
  connection.open();
  await refused(socketAt(0));
  mock.timers.tick(400);
  await refused(socketAt(1));
  assert.deepEqual(ended, [4401]);
  mock.timers.tick(DAY);
  assert.equal(FakeSocket.all.length, 2);
});
