// The conversation list: fragments from the server, swapped in by htmx.
import htmx from "htmx.org";
import { button, element, must } from "./elements";
import { toast, type ToastFacts } from "./toast";

export class List {
  private readonly root = must<HTMLElement>("#list");
  private timer = 0;

  constructor(private readonly current: () => string | null) {
    this.root.addEventListener("click", (event) => this.clicked(event));
    this.root.addEventListener("keydown", (event) => this.moved(event));
    document.body.addEventListener("toast", (event) => this.tell((event as CustomEvent<ToastFacts>).detail));
    this.root.addEventListener("htmx:afterSwap", () => this.mark());
    this.mark();
  }

  /** Fetch the list again, soon, however often it is asked for. */
  refresh(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      // Whoever is writing a title keeps what they have.
      if (!this.root.querySelector("form.rename")) htmx.trigger(this.root, "refresh");
    }, 150);
  }

  mark(): void {
    const id = this.current();
    for (const row of this.root.querySelectorAll<HTMLElement>("[data-conversation]")) {
      const here = row.dataset.conversation === id;
      const link = row.querySelector("a");
      if (here) link?.setAttribute("aria-current", "page");
      else link?.removeAttribute("aria-current");
    }
  }

  private tell(facts: ToastFacts & { deleted?: string }): void {
    toast(facts, (url) => void htmx.ajax("post", url, { target: "#list", swap: "innerHTML" }));
    if (facts.deleted && facts.deleted === this.current())
      history.replaceState(null, "", this.root.dataset.home ?? "/");
  }

  private clicked(event: Event): void {
    const target =
      event.target instanceof Element ? event.target.closest<HTMLElement>("[data-rename]") : null;
    if (target) this.rename(target);
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
    const link = row?.querySelector("a.title");
    if (!row || !link) return;
    const form = element("form", "rename");
    const input = element("input");
    input.value = link.querySelector(".words")?.textContent ?? "";
    input.name = "title";
    input.maxLength = 200;
    input.setAttribute("aria-label", "Title");
    const save = button("check", "Save the title");
    save.type = "submit";
    form.append(input, save);
    const back = () => form.replaceWith(link);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = { title: input.value };
      back();
      if (input.value.trim())
        void htmx.ajax("post", opener.dataset.rename ?? "", { target: "#list", swap: "innerHTML", values });
    });
    input.addEventListener("keydown", (event) => event.key === "Escape" && back());
    row.querySelector<HTMLDetailsElement>("details")?.removeAttribute("open");
    link.replaceWith(form);
    input.select();
  }
}
