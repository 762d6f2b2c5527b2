// The shown branch on the page: views for messages, and a scroll position that follows only when it is at the end.
import { CANNOT_COPY, copyText } from "./clipboard";
import { must } from "./elements";
import { isWorthSaying, placeWords, timeWords } from "./line_words";
import { MessageView, textOf, type Actions } from "./message";
import { receiptWords } from "./receipt";
import type { Store } from "./store";
import { toast } from "./toast";

const NEAR = 60;
// Positions are fractions where the page is zoomed.
const AT_END = 1;
// Painting takes at most a quarter of the time: a very long block is shown in larger steps.
const REST = 3;

export class Thread {
  private readonly root = must<HTMLElement>("#thread");
  private readonly room = must<HTMLElement>("#room");
  private readonly scroller = must<HTMLElement>("#scroller");
  private readonly jump = must<HTMLButtonElement>("#jump");
  private readonly announcer = must<HTMLElement>("#announcer");
  private readonly views = new Map<string, MessageView>();
  private readonly waiting = new Set<string>();
  /** What the receipt of each message said last. */
  private readonly told = new Map<string, string>();
  /** The place in line that was said last. */
  private readonly placed = new Map<string, number>();
  private frame = 0;
  private timer = 0;
  private restUntil = 0;
  private following = true;
  private lastTop = 0;

  constructor(
    private readonly store: Store,
    private readonly actions: Actions,
  ) {
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.scroller.addEventListener("wheel", (event) => event.deltaY < 0 && this.letGo(), { passive: true });
    this.jump.addEventListener("click", () => this.toEnd(true));
    const watcher = new ResizeObserver(() => this.following && this.toEnd(false));
    watcher.observe(this.root);
    watcher.observe(this.scroller);
  }

  /** Show the branch as it is now. */
  showAll(loading = false): void {
    const shown = this.store.shown();
    const ids = new Set(shown.map((one) => one.id));
    for (const [id, view] of this.views) {
      if (ids.has(id)) continue;
      view.element.remove();
      this.views.delete(id);
    }
    shown.forEach((message, index) => {
      const view = this.view(message.id);
      view?.show(message);
      if (view && this.root.children[index] !== view.element)
        this.root.insertBefore(view.element, this.root.children[index] ?? null);
    });
    this.room.dataset.shows = loading ? "skeleton" : shown.length ? "thread" : "empty";
  }

  /** Show one message again: at the next frame while text streams in, at once otherwise. */
  show(id: string, soon: boolean): void {
    this.waiting.add(id);
    if (!soon) {
      this.tellReceipt(id);
      this.tellPlace(id);
      return this.paint();
    }
    if (this.frame || this.timer) return;
    const rest = this.restUntil - performance.now();
    if (rest < 16) this.frame = requestAnimationFrame(() => this.paint());
    else this.timer = window.setTimeout(() => this.paint(), rest);
  }

  private tellReceipt(id: string): void {
    const words = receiptWords(this.store.get(id)?.parts ?? []);
    if (words && words !== this.told.get(id)) this.announce(words);
    this.told.set(id, words);
  }

  private tellPlace(id: string): void {
    const line = this.store.get(id)?.line;
    if (!line || !isWorthSaying(this.placed.get(id), line)) return;
    this.placed.set(id, line.place);
    this.announce(line.words || `${placeWords(line)}. ${timeWords(line.seconds)}`);
  }

  announce(words: string): void {
    this.announcer.textContent = words;
  }

  copyLast(): void {
    const answer = this.store.shown().findLast((one) => one.role === "assistant");
    if (!answer) return;
    void copyText(textOf(answer)).then((did) => toast({ text: did ? "Answer copied." : CANNOT_COPY }));
  }

  toEnd(smooth: boolean): void {
    this.following = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    // A text that became shorter has moved the view up; nobody else has.
    this.lastTop = this.scroller.scrollTop;
    this.jump.hidden = true;
  }

  private view(id: string): MessageView | undefined {
    const message = this.store.get(id);
    const known = this.views.get(id);
    if (known || !message) return known;
    const made = new MessageView(message, this.actions);
    this.views.set(id, made);
    return made;
  }

  private paint(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = this.timer = 0;
    const began = performance.now();
    for (const id of this.waiting) {
      const message = this.store.get(id);
      if (message) this.views.get(id)?.show(message);
    }
    this.waiting.clear();
    const ended = performance.now();
    this.restUntil = ended + REST * (ended - began);
    if (!this.following) this.showJump();
  }

  /** Only the person's own scrolling ends the following: text that grows never moves the view up. */
  private scrolled(): void {
    const { scrollTop } = this.scroller;
    const distance = this.distance();
    if (distance <= AT_END) this.following = true;
    else if (scrollTop < this.lastTop) this.following = false;
    else if (scrollTop > this.lastTop && distance < NEAR) this.following = true;
    this.lastTop = scrollTop;
    this.showJump();
  }

  private letGo(): void {
    if (this.scroller.scrollHeight > this.scroller.clientHeight) this.following = false;
  }

  private showJump(): void {
    this.jump.hidden = this.following || this.distance() < NEAR;
  }

  private distance(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }
}
