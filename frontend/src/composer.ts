// Where prompts are written: drafts survive a reload, Enter sends, Shift+Enter begins a line.
import { joined, type Drafts } from "./drafts";
import { must } from "./elements";
import { isTouch } from "./pointer";

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
  return !isTouch();
}

export function isSendable(text: string): boolean {
  return text.trim() !== "" && text.length <= MOST;
}

/** How long a text is, once that matters. */
export function lengthWords(text: string): string {
  return text.length < TELL_FROM ? "" : `${text.length.toLocaleString()} / ${MOST.toLocaleString()}`;
}

export class Composer {
  private readonly form = must<HTMLFormElement>("#composer");
  private readonly input = must<HTMLTextAreaElement>("#prompt");
  private readonly mirror = must<HTMLElement>("#mirror");
  private readonly submit = must<HTMLButtonElement>("#send");
  private readonly stopper = must<HTMLButtonElement>("#stop");
  private readonly count = must<HTMLElement>("#count");
  private writing = false;
  private timer = 0;

  constructor(
    private readonly drafts: Drafts,
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
    this.input.value = this.drafts.open(conversation);
    this.changed();
  }

  /** The conversation has just been given its id, or lost it. */
  rename(conversation: string): void {
    this.drafts.rename(conversation, this.input.value);
  }

  fill(text: string): void {
    this.input.value = text;
    this.changed();
    this.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  /** Put a text back that could not be sent, before what has been written there since. */
  putBack(text: string, conversation: string): void {
    if (this.drafts.isOpen(conversation)) this.fill(joined(text, this.input.value));
    else this.drafts.putBack(text, conversation);
  }

  focus(): void {
    this.input.focus();
  }

  /** Focus, where that brings up no keyboard over the page. */
  offerFocus(): void {
    if (!isTouch()) this.focus();
  }

  setWriting(writing: boolean): void {
    this.writing = writing;
    // The button under the finger changes its meaning; the focus must not get lost with it.
    const hadFocus = document.activeElement === this.submit || document.activeElement === this.stopper;
    this.submit.hidden = writing;
    this.stopper.hidden = !writing;
    if (!hadFocus) return;
    if (isTouch()) (writing ? this.stopper : this.submit).focus();
    else this.focus();
  }

  private send(): void {
    const text = this.input.value;
    if (this.writing || !isSendable(text)) return;
    this.handlers.send(text);
    // Only now: had it failed, the text would still be here.
    this.input.value = "";
    this.changed();
    this.keepDraft();
  }

  private pressed(event: KeyboardEvent): void {
    if (!sends(event)) return;
    event.preventDefault();
    this.send();
  }

  private changed(): void {
    const { value } = this.input;
    const words = lengthWords(value);
    this.submit.disabled = !isSendable(value);
    this.count.hidden = !words;
    this.count.textContent = words;
    this.count.classList.toggle("over", value.length > MOST);
    // The mirror grows with the text; the textarea fills it. No inline styles are needed.
    this.mirror.textContent = `${value}\n`;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.keepDraft(), KEEP_AFTER);
  }

  private keepDraft(): void {
    clearTimeout(this.timer);
    this.drafts.keep(this.input.value);
  }
}
