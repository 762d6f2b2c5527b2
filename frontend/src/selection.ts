// What somebody chose for a conversation and for the next answer alone, until the server has taken it.
import type { Options } from "./frames";
import { keep, recall } from "./shelf";

const NAMES = ["model", "preset", "effort", "format", "schema"] as const;

/** Chosen on this page and not sent yet. */
interface Pending {
  settings?: Options;
  once?: Options;
}

export class Selection {
  private conversation = "";
  private saved: Options = {};
  /** What a new chat begins with. */
  private usual: Options | undefined;
  private pending: Pending = {};

  /** `name` is that of the person and the organization, in whose new chats a model is remembered. */
  constructor(
    private readonly name: string,
    private readonly offered: (options: Options) => Options,
    private readonly changed: () => void,
  ) {}

  /** Turn to a conversation, or to a new one under a name of its own. */
  open(conversation: string, saved: Options | undefined): void {
    this.conversation = conversation;
    this.saved = saved ?? {};
    this.pending = read(this.key(conversation));
    this.usual = saved ? undefined : this.remembered();
    this.tidy();
  }

  /** The conversation has been given its id, or lost it. */
  rename(conversation: string): void {
    keep(this.key(this.conversation), "");
    this.pending.settings ??= this.usual;
    this.usual = undefined;
    this.conversation = conversation;
    this.tidy();
  }

  /** The server says what the conversation's choices are. */
  learn(saved: Options): void {
    this.saved = saved;
    this.tidy();
  }

  get settings(): Options {
    return this.pending.settings ?? this.usual ?? this.saved;
  }

  get once(): Options {
    return this.pending.once ?? {};
  }

  /** Choose for the conversation. */
  choose(change: Options): void {
    this.pending.settings = without({ ...this.settings, ...change });
    const { model, preset } = this.pending.settings;
    if ("model" in change || "preset" in change) keep(this.name, write({ model, preset }));
    this.tidy();
  }

  /** What was meant for one answer was never the conversation's. */
  restoreEffort(): void {
    if (this.pending.settings) this.choose({ effort: this.saved.effort });
  }

  /** Choose for the next answer alone. */
  chooseOnce(options: Options): void {
    const once = without(options);
    if (isEmpty(once)) delete this.pending.once;
    else this.pending.once = once;
    this.write();
  }

  /** What goes with the next request. What was for one answer is used up with it. */
  forRequest(): { settings?: Options; options?: Options } {
    const { settings } = this;
    const { once } = this.pending;
    this.chooseOnce({});
    return { ...(!isSame(settings, this.saved) && { settings }), ...(once && { options: once }) };
  }

  /** A request came back: what was for its answer alone is chosen again. */
  putBack(options: Options | undefined): void {
    if (options && !this.pending.once) this.chooseOnce(options);
  }

  private remembered(): Options {
    return this.offered(parse(recall(this.name)) as Options);
  }

  /** What the server knows is not pending. */
  private tidy(): void {
    if (this.pending.settings && isSame(this.pending.settings, this.usual ?? this.saved))
      delete this.pending.settings;
    this.write();
  }

  private write(): void {
    keep(this.key(this.conversation), write(this.pending));
    this.changed();
  }

  private key(conversation: string): string {
    return `${this.name}:${conversation}`;
  }
}

export function isSame(one: Options, other: Options): boolean {
  return NAMES.every((name) => one[name] === other[name]);
}

function without(options: Options): Options {
  return Object.fromEntries(NAMES.flatMap((name) => (options[name] ? [[name, options[name]]] : [])));
}

function isEmpty(value: object): boolean {
  return Object.values(value).every((one) => one === undefined);
}

function write(value: object): string {
  return isEmpty(value) ? "" : JSON.stringify(value);
}

function read(key: string): Pending {
  return parse(recall(key)) as Pending;
}

function parse(text: string): object {
  try {
    const found: unknown = JSON.parse(text || "{}");
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}
