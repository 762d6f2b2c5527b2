// What the page knows of the shown conversation. Frames are folded in; nothing here touches the page.
import type { ConversationFacts, Delta, Message, Options, Part, ServerFrame } from "./frames";

export type Change =
  | { what: "all" }
  | { what: "message"; id: string }
  | { what: "text"; id: string }
  | { what: "title" }
  | { what: "gone" };

export class Store {
  conversation: ConversationFacts | null;
  /** The shown branch, oldest first. */
  branch: string[] = [];
  private readonly messages = new Map<string, Message>();
  private readonly streams = new Map<number, string>();
  /** What was written in messages whose text was withheld since. */
  private readonly lost = new Map<string, string>();

  constructor(conversation: ConversationFacts | null, messages: Message[]) {
    this.conversation = conversation;
    this.replaceAll(messages);
  }

  get(id: string): Message | undefined {
    return this.messages.get(id);
  }

  shown(): Message[] {
    return this.branch.map((id) => this.messages.get(id)).filter((one) => one !== undefined);
  }

  last(): Message | undefined {
    return this.messages.get(this.branch[this.branch.length - 1] ?? "");
  }

  /** What this page was once shown of a message whose text was withheld. */
  written(id: string): string | undefined {
    return this.lost.get(id);
  }

  /** The answer that is being written, if one is. */
  writing(): Message | undefined {
    return this.shown().find((one) => one.state === "queued" || one.state === "running");
  }

  /** How far each unfinished answer is known, for resuming. */
  have(): Record<string, number> {
    const known: Record<string, number> = {};
    for (const one of this.shown()) {
      if (one.generation && one.state === "running" && one.sequence > 0) known[one.generation] = one.sequence;
    }
    return known;
  }

  /** Turn to another conversation, or to none. Frames about others are no longer folded in. */
  turnTo(conversation: ConversationFacts | null): void {
    this.conversation = conversation;
    this.streams.clear();
    this.replaceAll([]);
  }

  /** The server has taken these as the conversation's choices. */
  chosen(options: Options): void {
    if (this.conversation) this.conversation.options = options;
  }

  /** Take a message off the page that the server does not have. */
  drop(id: string): void {
    this.messages.delete(id);
    this.branch = this.branch.filter((one) => one !== id);
  }

  /** Show the branch up to a message, without it. */
  cutBefore(id: string): void {
    const at = this.branch.indexOf(id);
    if (at >= 0) this.branch = this.branch.slice(0, at);
  }

  /** Fold a frame in and say what changed. */
  apply(frame: ServerFrame | Delta): Change | null {
    switch (frame.type) {
      case "delta":
        return this.append(frame);
      case "conversation":
        return this.showConversation(frame.conversation, frame.messages);
      case "message":
        return this.put(frame);
      case "stream":
        return this.follow(frame);
      case "line":
        return this.putInLine(frame);
      case "state":
        return this.settle(frame);
      case "retract":
        return this.retract(frame);
      case "title":
        return this.retitle(frame);
      default:
        return null;
    }
  }

  private append(delta: Delta): Change | null {
    const message = this.messages.get(this.streams.get(delta.n) ?? "");
    // An old number, or text that is known: the numbers only go up.
    if (!message || delta.sequence <= message.sequence) return null;
    const last = message.parts[message.parts.length - 1];
    if (last && last.type === delta.kind) last.text += delta.text;
    else message.parts.push(begun(delta));
    message.sequence = delta.sequence;
    message.state = "running";
    return { what: "text", id: message.id };
  }

  private showConversation(conversation: ConversationFacts | null, messages: Message[]): Change | null {
    if (!conversation) return { what: "gone" };
    if (conversation.id !== this.conversation?.id) return null;
    const before = new Map(this.messages);
    this.conversation = conversation;
    this.replaceAll(messages);
    // The row of an unfinished answer may be older than what this page has been shown.
    for (const one of messages) this.keep(one, before.get(one.id));
    return { what: "all" };
  }

  private put(frame: { conversation: string; message: Message }): Change | null {
    if (frame.conversation !== this.conversation?.id) return null;
    const { message } = frame;
    const known = this.messages.get(message.id);
    const at = message.parent ? this.branch.indexOf(message.parent) : -1;
    // It belongs to a branch that is not shown.
    if (!known && message.parent && at < 0) return null;
    this.keep(message, known);
    if (known) return { what: "message", id: message.id };
    this.branch = [...this.branch.slice(0, at + 1), message.id];
    return { what: "all" };
  }

  private keep(message: Message, known: Message | undefined): void {
    const written =
      known?.role === "user" ? known.parts.find((part) => part.type === "text")?.text : undefined;
    if (written && message.parts.some((part) => part.receipt)) this.lost.set(message.id, written);
    this.messages.set(message.id, newest(message, known));
  }

  private follow(frame: Extract<ServerFrame, { type: "stream" }>): Change | null {
    const message = this.messages.get(frame.message);
    if (!message) return null;
    this.streams.set(frame.n, message.id);
    message.generation = frame.generation;
    if (!frame.parts) return null;
    message.parts = frame.parts;
    message.sequence = frame.sequence;
    if (frame.sequence > 0) message.state = frame.state;
    return { what: "message", id: message.id };
  }

  /** Place 0 is none: it is about to begin. */
  private putInLine(frame: Extract<ServerFrame, { type: "line" }>): Change | null {
    const message = this.messages.get(frame.message);
    if (!message || message.state !== "queued" || message.generation !== frame.generation) return null;
    const { place, of, seconds, words } = frame;
    message.line = place ? { place, of, seconds, words } : undefined;
    return { what: "message", id: message.id };
  }

  private settle(frame: Extract<ServerFrame, { type: "state" }>): Change | null {
    const message = this.messages.get(frame.message);
    if (!message) return null;
    message.state = frame.state;
    message.sequence = frame.sequence;
    message.words = frame.words;
    message.model = frame.model ?? message.model;
    message.usage = frame.usage ?? message.usage;
    const thought = message.parts.find((part) => part.type === "reasoning");
    if (thought && frame.reasoning) Object.assign(thought, frame.reasoning);
    const json = message.parts.findLast((part) => part.type === "json");
    if (json && frame.json) Object.assign(json, frame.json);
    message.effort = frame.effort ?? message.effort;
    return { what: "message", id: message.id };
  }

  private retract(frame: { n: number; sequence: number; part: number; keep: number }): Change | null {
    const message = this.messages.get(this.streams.get(frame.n) ?? "");
    const part = message?.parts[frame.part];
    if (!message || !part) return null;
    // Characters are code points on the server.
    part.text = [...part.text].slice(0, frame.keep).join("");
    message.sequence = frame.sequence;
    return { what: "message", id: message.id };
  }

  private retitle(frame: { conversation: string; title: string }): Change | null {
    if (frame.conversation !== this.conversation?.id) return null;
    this.conversation.title = frame.title;
    return { what: "title" };
  }

  private replaceAll(messages: Message[]): void {
    this.messages.clear();
    for (const one of messages) this.messages.set(one.id, one);
    this.branch = messages.map((one) => one.id);
  }
}

/** The part that a delta begins. A thought that nobody here may read comes as deltas without text. */
function begun({ kind, text }: Delta): Part {
  return kind === "reasoning" && !text ? { type: kind, text, hidden: true } : { type: kind, text };
}

/** A message as the server has it, with the text this page was shown where that goes further. */
function newest(message: Message, known: Message | undefined): Message {
  const isBehind =
    known &&
    known.generation === message.generation &&
    known.sequence > message.sequence &&
    isActive(message);
  if (isBehind) return { ...message, parts: known.parts, sequence: known.sequence };
  const waitsOn = message.state === "queued" && known?.generation === message.generation;
  return waitsOn && known ? { ...message, line: known.line } : message;
}

export function isActive(message: Message): boolean {
  return message.state === "queued" || message.state === "running";
}
