// The socket, kept open: reconnects by itself, with growing and jittered pauses.
import { parseFrame, type Delta, type ServerFrame } from "./frames";

export type Link = "connecting" | "open" | "waiting" | "closed";

interface Listener {
  frame(frame: ServerFrame | Delta): void;
  link(link: Link, words: string): void;
  /** The server ended it for good. */
  ended(code: number): void;
}

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 15_000;
const HANDSHAKE_MOST = 10_000;
// A connection may die without a word (a phone that slept): a ping that stays unanswered tells.
const PING_EVERY = 25_000;
const PONG_MOST = 6_000;
// The server ends these for good; trying again would change nothing.
const FINAL: Record<number, string> = {
  4401: "You have been signed out.",
  4403: "You no longer have access to this organization.",
  4408: "Too many pages are open for your account. Close some and reload.",
};
const TOO_FAST = 4429;
const OFFLINE = "You are offline";

/** How long to wait before the try with this number: anywhere up to a bound that doubles. */
export function pauseBefore(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
}

export class Connection {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer = 0;
  private pinging = 0;
  private patience = 0;
  private refused = 0;
  private over = false;

  constructor(
    private readonly address: string,
    private readonly session: string,
    private readonly listener: Listener,
  ) {
    addEventListener("online", () => this.hurry());
    // The socket itself may not notice for a minute.
    addEventListener("offline", () => !this.over && this.listener.link("waiting", OFFLINE));
    addEventListener("pageshow", (event) => event.persisted && this.hurry());
    document.addEventListener(
      "visibilitychange",
      () => document.visibilityState === "visible" && this.hurry(),
    );
  }

  open(): void {
    clearTimeout(this.timer);
    clearInterval(this.pinging);
    this.socket?.close();
    this.listener.link("connecting", "");
    const socket = new WebSocket(this.address);
    let opened = false;
    this.socket = socket;
    this.giveUpAfter(HANDSHAKE_MOST);
    socket.onopen = () => {
      if (socket !== this.socket) return socket.close();
      opened = true;
      this.refused = 0;
      clearTimeout(this.patience);
      this.pinging = window.setInterval(() => this.ping(), PING_EVERY);
      this.listener.link("open", "");
    };
    // A socket that was given up may still deliver; its frames would be folded in twice.
    socket.onmessage = (event) => socket === this.socket && this.heard(String(event.data));
    // The timers belong to the socket that is in use; one that was given up may close long after.
    socket.onclose = (event) => {
      if (socket !== this.socket) return;
      clearInterval(this.pinging);
      clearTimeout(this.patience);
      void this.closed(event.code, opened);
    };
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Send a request; returns false when the socket is not open. */
  send(request: Record<string, unknown>): boolean {
    if (!this.isOpen) return false;
    this.socket?.send(JSON.stringify(request));
    return true;
  }

  private heard(data: string): void {
    clearTimeout(this.patience);
    this.attempt = 0;
    this.listener.frame(parseFrame(data));
  }

  private ping(): void {
    if (this.send({ action: "ping", ref: "" })) this.giveUpAfter(PONG_MOST);
  }

  /** Close a socket that stays silent; a closing handshake may take as long, so it is not waited for. */
  private giveUpAfter(milliseconds: number): void {
    clearTimeout(this.patience);
    const { socket } = this;
    this.patience = window.setTimeout(() => {
      if (!socket || socket !== this.socket) return;
      clearInterval(this.pinging);
      this.socket = null;
      socket.close();
      void this.closed(1006, true);
    }, milliseconds);
  }

  private async closed(code: number, opened: boolean): Promise<void> {
    const final = FINAL[code];
    if (final) return this.end(code, final);
    if (!opened && (await this.isAnswered())) return;
    if (code === TOO_FAST) this.attempt = Math.max(this.attempt, 4);
    this.listener.link("waiting", navigator.onLine ? "Reconnecting…" : OFFLINE);
    this.timer = window.setTimeout(() => this.open(), pauseBefore(this.attempt++));
  }

  /** A handshake that is refused says nothing; the session page does. Meanwhile another one may have begun. */
  private async isAnswered(): Promise<boolean> {
    const { socket } = this;
    return ++this.refused >= 2 && ((await this.isOver()) || socket !== this.socket);
  }

  private async isOver(): Promise<boolean> {
    try {
      const answer = await fetch(this.session, { headers: { Accept: "application/json" } });
      if (answer.status === 401) this.end(4401, FINAL[4401] ?? "");
      if (answer.status === 404) this.end(4403, FINAL[4403] ?? "");
      return answer.status === 401 || answer.status === 404;
    } catch {
      return false;
    }
  }

  private end(code: number, words: string): void {
    this.over = true;
    this.listener.link("closed", words);
    this.listener.ended(code);
  }

  /** The network or the person is back: look at once whether the connection still is. */
  private hurry(): void {
    const isBegun = this.socket !== null || this.timer !== 0;
    if (this.over || !isBegun || this.socket?.readyState === WebSocket.CONNECTING) return;
    if (this.isOpen) {
      this.listener.link("open", "");
      return this.ping();
    }
    this.attempt = 0;
    this.open();
  }
}
