// Where prompts are written: drafts survive a reload, Enter sends, Shift+Enter begins a line.
import { must } from "./elements";

const MOST = 200_000;
const TELL_FROM = 180_000;

interface Handlers {
  send(text: string): void;
  stop(): void;
}

export class Composer {
  private readonly form = must<HTMLFormElement>("#composer");
  private readonly input = must<HTMLTextAreaElement>("#prompt");
  private readonly submit = must<HTMLButtonElement>("#send");
  private readonly stopper = must<HTMLButtonElement>("#stop");
  private readonly count = must<HTMLElement>("#count");
  private writing = false;
  private key = "";

  constructor(private readonly handlers: Handlers) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.stopper.addEventListener("click", () => handlers.stop());
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** Bring back what was being written in a conversation. */
  open(conversation: string): void {
    this.key = `draft:${conversation}`;
    this.input.value = localStorage.getItem(this.key) ?? "";
    this.changed();
  }

  /** Keep the draft of a conversation that has just been given its id. */
  rename(conversation: string): void {
    localStorage.removeItem(this.key);
    this.key = `draft:${conversation}`;
    this.changed();
  }

  fill(text: string): void {
    this.input.value = text;
    this.changed();
    this.focus();
    this.input.setSelectionRange(text.length, text.length);
  }

  focus(): void {
    this.input.focus();
  }

  setWriting(writing: boolean): void {
    this.writing = writing;
    this.submit.hidden = writing;
    this.stopper.hidden = !writing;
    this.form.classList.toggle("is-writing", writing);
  }

  private send(): void {
    const text = this.input.value;
    if (!text.trim() || this.writing || text.length > MOST) return;
    this.input.value = "";
    this.changed();
    this.handlers.send(text);
  }

  private pressed(event: KeyboardEvent): void {
    // While a word is being composed (IME), Enter belongs to the composition.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    // On a touch keyboard there is no Shift+Enter; the button sends.
    if (matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    this.send();
  }

  private changed(): void {
    const { value } = this.input;
    if (value) localStorage.setItem(this.key, value);
    else localStorage.removeItem(this.key);
    this.submit.disabled = !value.trim() || value.length > MOST;
    this.count.hidden = value.length < TELL_FROM;
    this.count.textContent = `${value.length.toLocaleString()} / ${MOST.toLocaleString()}`;
    this.count.classList.toggle("over", value.length > MOST);
    // The mirror grows with the text; the textarea fills it. No inline styles are needed.
    must<HTMLElement>("#mirror").textContent = value + "\n";
  }
}
