// The conversation list: fragments from the server, swapped in by htmx.
import htmx from "htmx.org";
import { button, element, must } from "./elements";
import { toast, type ToastFacts } from "./toast";

interface Hooks {
  current(): string | null;
  /** Turn to a conversation, or to a new one. */
  show(id: string | null, title: string): void;
}

interface Swap {
  shouldSwap: boolean;
  requestConfig: { verb: string };
}

interface Answer {
  xhr?: { status: number };
}

const GONE = "This conversation is gone. Reload the page to see what is there.";
const FAILED = "That did not work. Check the connection and try again.";

export class List {
  private readonly root = must<HTMLElement>("#list");
  private timer = 0;
  private stale = false;

  constructor(private readonly hooks: Hooks) {
    this.root.addEventListener("click", (event) => this.clicked(event));
    this.root.addEventListener("keydown", (event) => this.moved(event));
    this.root.addEventListener("toggle", () => this.stale && this.refresh(), true);
    this.root.addEventListener("htmx:beforeSwap", (event) =>
      this.arrived((event as CustomEvent<Swap>).detail),
    );
    this.root.addEventListener("htmx:afterSwap", () => this.mark());
    document.body.addEventListener("toast", (event) => this.tell((event as CustomEvent<ToastFacts>).detail));
    for (const name of ["htmx:responseError", "htmx:sendError"])
      document.body.addEventListener(name, (event) => this.failed(event));
    this.mark();
  }

  /** Fetch the list again, soon, however often it is asked for. */
  refresh(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.stale = this.isInUse();
      if (!this.stale) htmx.trigger(this.root, "refresh");
    }, 150);
  }

  /** A list that was asked for before somebody opened a menu arrives too late. */
  private arrived(swap: Swap): void {
    if (swap.requestConfig.verb !== "get" || !this.isInUse()) return;
    swap.shouldSwap = false;
    this.stale = true;
  }

  /** Whoever is writing a title or choosing from a menu keeps what they have. */
  private isInUse(): boolean {
    return this.root.querySelector("form.rename, details.menu[open]") !== null;
  }

  mark(): void {
    const id = this.hooks.current();
    for (const row of this.root.querySelectorAll<HTMLElement>("[data-conversation]")) {
      const link = row.querySelector("a");
      if (row.dataset.conversation === id) link?.setAttribute("aria-current", "page");
      else link?.removeAttribute("aria-current");
    }
  }

  /** What somebody asked for is not passed over in silence; the page's own refreshing is. */
  private failed(event: Event): void {
    if (event.target === this.root) return;
    const isGone = (event as CustomEvent<Answer>).detail.xhr?.status === 404;
    toast({ text: isGone ? GONE : FAILED });
  }

  private tell(facts: ToastFacts & { deleted?: string }): void {
    const wasShown = facts.deleted !== undefined && facts.deleted === this.hooks.current();
    this.offerUndo(facts, wasShown ? facts.deleted : undefined);
    if (wasShown) this.hooks.show(null, "");
  }

  private offerUndo(facts: ToastFacts, shown: string | undefined): void {
    toast(facts, (url) => {
      this.post(url).then(
        () => shown && this.hooks.show(shown, this.titleOf(shown)),
        () => this.offerUndo(facts, shown),
      );
    });
  }

  /** Have something done, and the list that is searched for come back. */
  private post(url: string, values: Record<string, string> = {}): Promise<void> {
    const q = must<HTMLInputElement>("#search").value;
    return htmx.ajax("post", url, { target: "#list", swap: "innerHTML", values: { ...values, q } });
  }

  private titleOf(id: string): string {
    return this.root.querySelector(`[data-conversation="${id}"] .words`)?.textContent ?? "";
  }

  private clicked(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    const renamed = target?.closest<HTMLElement>("[data-rename]");
    if (renamed) return this.rename(renamed);
    const id = target?.closest("a.title")?.closest<HTMLElement>("[data-conversation]")?.dataset.conversation;
    if (!id || !isPlain(event)) return;
    event.preventDefault();
    this.hooks.show(id, this.titleOf(id));
  }

  private moved(event: KeyboardEvent): void {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...this.root.querySelectorAll<HTMLAnchorElement>("a.title")];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (at < 0) return;
    event.preventDefault();
    links[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  }

  private rename(opener: HTMLElement): void {
    const row = opener.closest<HTMLElement>("[data-conversation]");
    const link = row?.querySelector<HTMLAnchorElement>("a.title");
    if (!row || !link) return;
    const form = element("form", "rename");
    const input = element("input");
    const before = link.querySelector(".words")?.textContent ?? "";
    input.value = before;
    input.name = "title";
    input.maxLength = 200;
    input.setAttribute("aria-label", "Title");
    const save = button("check", "Save the title");
    save.type = "submit";
    form.append(input, save);
    const back = () => {
      form.replaceWith(link);
      link.focus();
      if (this.stale) this.refresh();
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const title = input.value.trim();
      back();
      if (title && title !== before) this.saveTitle(opener.dataset.rename ?? "", title);
    });
    form.addEventListener("focusout", (event) => {
      if (form.isConnected && !form.contains(event.relatedTarget as Node | null)) form.requestSubmit();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      input.value = before;
      back();
    });
    row.querySelector<HTMLDetailsElement>("details")?.removeAttribute("open");
    link.replaceWith(form);
    input.select();
  }

  private saveTitle(url: string, title: string): void {
    // A failure is told by the listener for all of them.
    this.post(url, { title }).catch(() => undefined);
  }
}

/** A click that opens here, not in another tab. */
export function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}
