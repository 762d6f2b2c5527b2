// The socket's wire format (docs/protocol.md).
import type { Effort } from "./effort";

export interface Part {
  type: "text" | "reasoning" | "notice" | "json" | "tool_call";
  text: string;
  code?: string;
  seconds?: number;
  /** How many seconds a thought lasts already, when it is shown in its midst. */
  elapsed?: number;
  tokens?: number;
  /** The most tokens of this thought. */
  budget?: number;
  /** The organization does not show this thought: its text never came. */
  hidden?: boolean;
  /** The schema's name, or nothing for any JSON. */
  schema?: string;
  /** Said when the part has ended. */
  valid?: boolean;
  problem?: string;
  /** The tool's. */
  name?: string;
  /** Of a notice that says what a policy withheld. */
  receipt?: Receipt;
}

/** What a policy withheld, by which rule, and what became of it. */
export interface Receipt {
  review: string;
  verdict: "hold" | "block";
  channel: string;
  kind: string;
  category: string;
  policy: string;
  version: number;
  can_appeal: boolean;
  kept: boolean;
  state: "kept" | "open" | "upheld" | "overturned";
  /** The reviewer's, once it is decided. */
  note?: string;
}

/** What somebody chooses for answers; what is left out is chosen by the level above. */
export interface Options {
  model?: string;
  preset?: string;
  effort?: Effort;
  format?: "text" | "json" | "schema";
  schema?: string;
}

export type State =
  "queued" | "running" | "done" | "stopped" | "withheld" | "held" | "failed" | "interrupted";

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
  effort?: Effort;
  /** While nobody has begun it, and others wait too. */
  line?: Line;
}

/** A place in line; `seconds` is about how long it still takes, where that is known. */
export interface Line {
  place: number;
  of: number;
  seconds: number | null;
  /** Why it does not move, where it does not. */
  words: string;
}

export interface ConversationFacts {
  id: string;
  title: string;
  options?: Options;
  /** When a temporary chat was begun. */
  temporary?: string;
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
      /** Quotas that are nearly used up, the one that lasts longest first. */
      warnings?: Warning[];
    }
  | { type: "refused"; ref: string | null; code: string; text: string; resets_at?: string | null }
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
      json?: { valid: boolean; problem: string };
      effort?: Effort;
    }
  | ({ type: "line"; conversation: string; message: string; generation: string } & Line)
  | { type: "retract"; n: number; sequence: number; part: number; keep: number }
  | { type: "unsettled"; text: string }
  | { type: "title"; conversation: string; title: string }
  | { type: "listing" }
  | { type: "bye"; code: number; text: string }
  | { type: "pong"; ref: string | null };

/** A quota in words; `resets_at` is when it counts anew, null where that is as soon as an answer ends. */
export interface Warning {
  text: string;
  resets_at: string | null;
}

export type Accepted = Extract<ServerFrame, { type: "accepted" }>;
export type Refusal = Extract<ServerFrame, { type: "refused" }>;

export interface Delta {
  type: "delta";
  n: number;
  sequence: number;
  kind: "text" | "reasoning" | "json";
  text: string;
}

const KINDS: Record<string, Delta["kind"]> = { " ": "text", "~": "reasoning", "#": "json" };

/** Read a frame: JSON, or the compact form of a delta: `<n> <sequence> <text>`, with `~` or `#` for other kinds. */
export function parseFrame(frame: string): ServerFrame | Delta {
  if (frame.startsWith("{")) return JSON.parse(frame) as ServerFrame;
  let at = 0;
  while (frame.charCodeAt(at) >= 48 && frame.charCodeAt(at) <= 57) at++;
  const kind = KINDS[frame[at] ?? ""] ?? "text";
  const space = frame.indexOf(" ", at + 1);
  return {
    type: "delta",
    n: Number(frame.slice(0, at)),
    sequence: Number(frame.slice(at + 1, space)),
    kind,
    text: frame.slice(space + 1),
  };
}
