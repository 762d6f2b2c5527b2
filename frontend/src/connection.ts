// The socket, kept open: reconnects by itself, with growing and jittered pauses.
import { parseFrame, type Delta, type ServerFrame } from "./frames";

export type Link = "connecting" | "open" | "waiting" | "closed";

interface Listener {
  frame(frame: ServerFrame | Delta): void;
  link(link: Link, words: string): void;
}

const FIRST_PAUSE = 400;
const LONGEST_PAUSE = 15_000;
// The server ends these for good; trying again would change nothing.
const FINAL: Record<number, string> = {
  4401: "You have been signed out.",
  4403: "You no longer have access to this organization.",
  4408: "Too many pages are open for your account. Close some and reload.",
};

/** How long to wait before the try with this number: anywhere up to a bound that doubles. */
export function pauseBefore(attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
}

export class Connection {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer = 0;
  private refused = 0;

  constructor(
    private readonly address: string,
    private readonly session: string,
    private readonly listener: Listener,
  ) {
    addEventListener("online", () => this.hurry());
    document.addEventListener(
      "visibilitychange",
      () => document.visibilityState === "visible" && this.hurry(),
    );
  }

  open(): void {
    clearTimeout(this.timer);
    this.listener.link("connecting", "");
    const socket = new WebSocket(this.address);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.attempt = 0;
      this.refused = 0;
      this.listener.link("open", "");
    };
    socket.onmessage = (event) => this.listener.frame(parseFrame(String(event.data)));
    socket.onclose = (event) => void this.closed(event.code, opened);
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

  private async closed(code: number, opened: boolean): Promise<void> {
    const final = FINAL[code];
    if (final) return this.end(code, final);
    // A handshake that is refused says nothing; the session page does.
    if (!opened && ++this.refused >= 2 && (await this.isOver())) return;
    this.listener.link("waiting", navigator.onLine ? "Reconnecting…" : "You are offline.");
    this.timer = window.setTimeout(() => this.open(), pauseBefore(this.attempt++));
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
    this.listener.link("closed", words);
    if (code === 4401) location.assign(`/account/login/?next=${encodeURIComponent(location.pathname)}`);
  }

  private hurry(): void {
    if (this.socket?.readyState === WebSocket.CLOSED) {
      this.attempt = 0;
      this.open();
    }
  }
}
