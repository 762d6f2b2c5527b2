// Where prompts are written: drafts survive a reload, Enter sends, Shift+Enter begins a line.
import { must } from "./elements";
import { keep, recall } from "./shelf";

const MOST = 200_000;
const TELL_FROM = 180_000;
const KEEP_AFTER = 300;

interface Handlers {
  send(text: string): void;
  stop(): void;
}

/** Whether a key press sends: not while a word is being composed (IME), nor on a touch keyboard. */
export function sends(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return false;
  return !matchMedia("(pointer: coarse)").matches;
}

export class Composer {
  private readonly form = must<HTMLFormElement>("#composer");
  private readonly input = must<HTMLTextAreaElement>("#prompt");
  private readonly mirror = must<HTMLElement>("#mirror");
  private readonly submit = must<HTMLButtonElement>("#send");
  private readonly stopper = must<HTMLButtonElement>("#stop");
  private readonly count = must<HTMLElement>("#count");
  private writing = false;
  private conversation = "";
  private timer = 0;

  constructor(
    private readonly drafts: string,
    private readonly handlers: Handlers,
  ) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.form.addEventListener("click", (event) => event.target === this.form && this.focus());
    this.stopper.addEventListener("click", () => handlers.stop());
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    addEventListener("pagehide", () => this.keepDraft());
  }

  /** Turn to a conversation, and bring back what was being written in it. */
  open(conversation: string): void {
    this.keepDraft();
    this.conversation = conversation;
    this.input.value = recall(this.key());
    this.changed();
  }

  /** Keep the draft of a conversation that has just been given its id. */
  rename(conversation: string): void {
    keep(this.key(), "");
    this.conversation = conversation;
    this.keepDraft();
  }

  fill(text: string): void {
    this.input.value = text;
    this.changed();
    this.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  /** Put a text back that could not be sent, before what has been written since. */
  putBack(text: string): void {
    const since = this.input.value;
    this.fill(since.trim() ? `${text}\n\n${since}` : text);
  }

  focus(): void {
    this.input.focus();
  }

  setWriting(writing: boolean): void {
    this.writing = writing;
    // The button under the finger changes its meaning; the focus must not get lost with it.
    const hadFocus = document.activeElement === this.submit || document.activeElement === this.stopper;
    this.submit.hidden = writing;
    this.stopper.hidden = !writing;
    if (hadFocus) this.focus();
  }

  private send(): void {
    const text = this.input.value;
    if (!text.trim() || this.writing || text.length > MOST) return;
    this.input.value = "";
    this.changed();
    this.keepDraft();
    this.handlers.send(text);
  }

  private pressed(event: KeyboardEvent): void {
    if (!sends(event)) return;
    event.preventDefault();
    this.send();
  }

  private changed(): void {
    const { value } = this.input;
    this.submit.disabled = !value.trim() || value.length > MOST;
    this.count.hidden = value.length < TELL_FROM;
    this.count.textContent = `${value.length.toLocaleString()} / ${MOST.toLocaleString()}`;
    this.count.classList.toggle("over", value.length > MOST);
    // The mirror grows with the text; the textarea fills it. No inline styles are needed.
    this.mirror.textContent = `${value}\n`;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.keepDraft(), KEEP_AFTER);
  }

  private keepDraft(): void {
    clearTimeout(this.timer);
    if (this.conversation) keep(this.key(), this.input.value);
  }

  private key(): string {
    return `${this.drafts}:${this.conversation}`;
  }
}
