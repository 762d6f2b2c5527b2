// The socket's wire format (docs/protocol.md).

export interface Part {
  type: "text" | "reasoning" | "notice";
  text: string;
  code?: string;
  seconds?: number;
  tokens?: number;
}

export type State = "queued" | "running" | "done" | "stopped" | "withheld" | "failed" | "interrupted";

export interface Usage {
  prompt: number;
  answer: number;
  reasoning: number;
  estimated: boolean;
}

export interface Message {
  id: string;
  parent: string | null;
  role: "user" | "assistant";
  created: string;
  parts: Part[];
  siblings: string[];
  generation: string | null;
  state: State;
  sequence: number;
  words: string;
  model: string;
  usage: Usage | null;
}

export interface ConversationFacts {
  id: string;
  title: string;
}

export type ServerFrame =
  | { type: "ready"; user: string; build: string }
  | { type: "conversation"; ref: string | null; conversation: ConversationFacts | null; messages: Message[] }
  | { type: "message"; conversation: string; message: Message }
  | {
      type: "accepted";
      ref: string | null;
      conversation: string;
      message: string;
      answer: string;
      generation: string;
    }
  | { type: "refused"; ref: string | null; code: string; text: string }
  | {
      type: "stream";
      n: number;
      conversation: string;
      message: string;
      generation: string;
      state: State;
      sequence: number;
      parts?: Part[];
    }
  | {
      type: "state";
      conversation: string;
      message: string;
      generation: string;
      state: State;
      sequence: number;
      words: string;
      model?: string;
      usage?: Usage;
      reasoning?: { seconds?: number; tokens?: number };
    }
  | { type: "retract"; n: number; sequence: number; part: number; keep: number }
  | { type: "unsettled"; text: string }
  | { type: "title"; conversation: string; title: string }
  | { type: "listing" }
  | { type: "bye"; code: number; text: string }
  | { type: "pong"; ref: string | null };

export type Refusal = Extract<ServerFrame, { type: "refused" }>;

export interface Delta {
  type: "delta";
  n: number;
  sequence: number;
  kind: "text" | "reasoning";
  text: string;
}

/** Read a frame: JSON, or the compact form of a delta: `<n> <sequence> <text>` or `<n>~<sequence> <text>`. */
export function parseFrame(frame: string): ServerFrame | Delta {
  if (frame.startsWith("{")) return JSON.parse(frame) as ServerFrame;
  let at = 0;
  while (frame.charCodeAt(at) >= 48 && frame.charCodeAt(at) <= 57) at++;
  const kind = frame[at] === "~" ? "reasoning" : "text";
  const space = frame.indexOf(" ", at + 1);
  return {
    type: "delta",
    n: Number(frame.slice(0, at)),
    sequence: Number(frame.slice(at + 1, space)),
    kind,
    text: frame.slice(space + 1),
  };
}
