// The shown branch on the page: views for messages, and a scroll position that follows only when it is at the end.
import { must } from "./elements";
import { MessageView, type Actions } from "./message";
import type { Store } from "./store";

const NEAR = 80;

export class Thread {
  private readonly root = must<HTMLElement>("#thread");
  private readonly scroller = must<HTMLElement>("#scroller");
  private readonly jump = must<HTMLButtonElement>("#jump");
  private readonly announcer = must<HTMLElement>("#announcer");
  private readonly views = new Map<string, MessageView>();
  private readonly waiting = new Set<string>();
  private frame = 0;
  private following = true;

  constructor(
    private readonly store: Store,
    private readonly actions: Actions,
  ) {
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.jump.addEventListener("click", () => this.toEnd(true));
    new ResizeObserver(() => this.following && this.toEnd(false)).observe(this.root);
  }

  /** Show the branch as it is now. */
  showAll(): void {
    const shown = this.store.shown();
    const ids = new Set(shown.map((one) => one.id));
    for (const [id, view] of this.views) {
      if (ids.has(id)) continue;
      view.element.remove();
      this.views.delete(id);
    }
    shown.forEach((message, index) => {
      let view = this.views.get(message.id);
      if (view) view.show(message);
      else {
        view = new MessageView(message, this.actions);
        this.views.set(message.id, view);
      }
      if (this.root.children[index] !== view.element)
        this.root.insertBefore(view.element, this.root.children[index] ?? null);
    });
    must<HTMLElement>("#empty").hidden = shown.length > 0;
    this.scroller.classList.toggle("has-messages", shown.length > 0);
  }

  /** Show one message again: at the next frame while text streams in, at once otherwise. */
  show(id: string, soon: boolean): void {
    this.waiting.add(id);
    if (!soon) return this.paint();
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  announce(words: string): void {
    this.announcer.textContent = words;
  }

  toEnd(smooth: boolean): void {
    this.following = true;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.jump.hidden = true;
  }

  private paint(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    for (const id of this.waiting) {
      const message = this.store.get(id);
      if (message) this.views.get(id)?.show(message);
    }
    this.waiting.clear();
    if (!this.following) this.scrolled();
  }

  private scrolled(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR;
    this.jump.hidden = this.following;
  }
}
