// The conversation page: frames in, requests out.
import { Composer } from "./composer";
import { Connection, type Link } from "./connection";
import { must } from "./elements";
import type { ConversationFacts, Delta, Message, ServerFrame } from "./frames";
import { List } from "./list";
import { textOf } from "./message";
import { Outbox, type Prompt } from "./outbox";
import { listenForKeys } from "./shortcuts";
import "./site";
import { Store, type Change } from "./store";
import { Thread } from "./thread";
import { toast } from "./toast";

interface Snapshot {
  organization: string;
  user: { id: string; name: string; email: string };
  conversation: ConversationFacts | null;
  messages: Message[];
  models: { name: string; trial: boolean };
  build: string;
}

const FRAME_MOST = 48_000;
const BLIP = 1000;

class Page {
  private readonly facts = JSON.parse(must("#snapshot").textContent ?? "{}") as Snapshot;
  private readonly base = `/o/${this.facts.organization}`;
  private readonly store = new Store(this.facts.conversation, this.facts.messages);
  private readonly outbox = new Outbox(
    localStorage,
    `outbox:${this.facts.user.id}:${this.facts.organization}`,
  );
  private readonly composer = new Composer({ send: (text) => this.ask(text), stop: () => this.stop() });
  private readonly list = new List(() => this.store.conversation?.id ?? null);
  private readonly thread = new Thread(this.store, {
    regenerate: (message) => this.regenerate(message),
    goOn: (message) => this.request({ action: "continue", generation: message.generation }),
    edit: (message) => this.edit(message),
    select: (id) =>
      this.request({ action: "select", conversation: this.store.conversation?.id, message: id }),
  });
  private readonly connection = new Connection(
    `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.base}/socket/`,
    `${this.base}/session`,
    { frame: (frame) => this.take(frame), link: (link, words) => this.showLink(link, words) },
  );
  private editing: Message | null = null;
  private linkTimer = 0;
  private wasWriting = false;

  start(): void {
    for (const prompt of this.outbox.all())
      if (prompt.conversation === this.store.conversation?.id) this.sketch(prompt);
    this.composer.open(this.store.conversation?.id ?? "new");
    this.thread.showAll();
    this.thread.toEnd(false);
    this.showWriting();
    this.listen();
    this.connection.open();
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
  }

  private listen(): void {
    listenForKeys({
      newChat: () => location.assign(`${this.base}/`),
      search: () => must<HTMLInputElement>("#search").focus(),
      focusComposer: () => this.composer.focus(),
      stop: () => this.stop(),
      copyLast: () => this.copyLast(),
      toggleSidebar: () => toggleSidebar(),
    });
    for (const one of document.querySelectorAll("[data-sidebar]"))
      one.addEventListener("click", toggleSidebar);
    for (const one of document.querySelectorAll<HTMLElement>("[data-suggests]")) {
      one.addEventListener("click", () => this.composer.fill(one.dataset.suggests ?? ""));
    }
    must("#cancel-edit").addEventListener("click", () => this.endEdit());
  }

  private take(frame: ServerFrame | Delta): void {
    this.react(frame);
    const change = this.store.apply(frame);
    if (change) this.show(change);
  }

  private react(frame: ServerFrame | Delta): void {
    switch (frame.type) {
      case "ready":
        if (frame.build !== this.facts.build) must<HTMLElement>("#new-version").hidden = false;
        return this.resume();
      case "accepted":
        return this.outbox.remove(frame.message);
      case "refused":
        return this.refused(frame);
      case "unsettled":
        return this.showNotice(frame.text);
      case "listing":
        return this.list.refresh();
    }
  }

  /** After every (re)connection: say what is known, get the rest, send what was not confirmed. */
  private resume(): void {
    const conversation = this.store.conversation;
    // A conversation whose first prompt is not confirmed may not exist yet; its acceptance opens it.
    const unborn = this.outbox
      .all()
      .some((one) => one.conversation === conversation?.id && one.parent === null);
    if (conversation && !unborn) {
      this.connection.send({ action: "open", conversation: conversation.id, have: this.store.have() });
    }
    for (const prompt of this.outbox.all()) void this.send(prompt);
    this.showNotice("");
  }

  private ask(text: string): void {
    const conversation = this.store.conversation ?? this.begin();
    const parent = this.editing ? this.editing.parent : (this.store.last()?.id ?? null);
    const prompt = { conversation: conversation.id, message: crypto.randomUUID(), parent, text };
    if (this.editing)
      this.store.branch = this.store.branch.slice(0, this.store.branch.indexOf(this.editing.id));
    this.endEdit();
    this.outbox.add(prompt);
    this.sketch(prompt);
    this.thread.showAll();
    this.thread.toEnd(true);
    this.showWriting();
    void this.send(prompt);
  }

  private begin(): ConversationFacts {
    const made = { id: crypto.randomUUID(), title: "", head: null };
    this.store.conversation = made;
    history.pushState(null, "", `${this.base}/c/${made.id}/`);
    this.composer.rename(made.id);
    return made;
  }

  /** Show a prompt at once; the server's own message replaces it under the same id. */
  private sketch(prompt: Prompt): void {
    if (this.store.get(prompt.message)) return;
    this.store.apply({
      type: "message",
      conversation: prompt.conversation,
      head: prompt.message,
      message: {
        id: prompt.message,
        parent: prompt.parent,
        role: "user",
        created: new Date().toISOString(),
        parts: [{ type: "text", text: prompt.text }],
        siblings: [prompt.message],
        generation: null,
        state: "done",
        sequence: 0,
        words: "",
        model: "",
        usage: null,
      },
    });
  }

  private async send(prompt: Prompt): Promise<void> {
    const request = { action: "send", ref: prompt.message, ...prompt };
    const frame = JSON.stringify(request);
    if (new TextEncoder().encode(frame).length < FRAME_MOST) {
      this.connection.send(request);
      return;
    }
    await this.post(request, prompt);
  }

  private async post(request: Record<string, unknown>, prompt: Prompt): Promise<void> {
    try {
      const answer = await fetch(`${this.base}/c/${prompt.conversation}/messages`, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": must<HTMLMetaElement>('meta[name="csrf"]').content,
        },
        body: JSON.stringify(request),
      });
      this.take((await answer.json()) as ServerFrame);
      if (answer.ok) this.connection.send({ action: "open", conversation: prompt.conversation, have: {} });
    } catch {
      this.showNotice("The message could not be sent yet. It is kept and will be sent again.");
    }
  }

  private refused(frame: { ref: string | null; code: string; text: string }): void {
    toast({ text: frame.text });
    const prompt = frame.ref ? this.outbox.get(frame.ref) : undefined;
    if (!prompt || frame.code === "unavailable") return;
    // Nothing is lost: what was refused goes back to where it was written.
    this.outbox.remove(prompt.message);
    this.store.branch = this.store.branch.filter((id) => id !== prompt.message);
    this.thread.showAll();
    this.composer.fill(prompt.text);
    this.showWriting();
  }

  private regenerate(message: Message): void {
    const prompt = message.parent;
    if (!prompt) return;
    this.request({
      action: "regenerate",
      conversation: this.store.conversation?.id,
      message: prompt,
      answer: crypto.randomUUID(),
    });
  }

  private edit(message: Message): void {
    this.editing = message;
    must<HTMLElement>("#editing").hidden = false;
    this.composer.fill(textOf(message));
  }

  private endEdit(): void {
    this.editing = null;
    must<HTMLElement>("#editing").hidden = true;
  }

  private stop(): void {
    const generation = this.store.writing()?.generation;
    if (generation) this.request({ action: "stop", generation });
  }

  private request(request: Record<string, unknown>): void {
    if (!this.connection.send(request))
      toast({ text: "Not connected at the moment. Try again when the page has reconnected." });
  }

  private copyLast(): void {
    const answer = this.store.shown().findLast((one) => one.role === "assistant");
    if (answer)
      void navigator.clipboard.writeText(textOf(answer)).then(() => toast({ text: "Answer copied." }));
  }

  private show(change: Change): void {
    if (change.what === "gone") location.assign(`${this.base}/`);
    else if (change.what === "title") this.showTitle();
    else if (change.what === "text") this.thread.show(change.id, true);
    else if (change.what === "message") this.thread.show(change.id, false);
    else this.thread.showAll();
    if (change.what !== "text") this.showWriting();
  }

  private showTitle(): void {
    const title = this.store.conversation?.title || "New chat";
    must("#title").textContent = title;
    document.title = `${title} · Hermes`;
  }

  private showWriting(): void {
    const last = this.store.last();
    const writing =
      this.store.writing() !== undefined || (last?.role === "user" && this.outbox.get(last.id) !== undefined);
    this.composer.setWriting(writing);
    if (this.wasWriting && !writing)
      this.thread.announce(last?.state === "done" ? "Answer complete." : (last?.words ?? ""));
    this.wasWriting = writing;
    this.list.mark();
  }

  private showLink(link: Link, words: string): void {
    clearTimeout(this.linkTimer);
    document.documentElement.dataset.link = link;
    if (link === "open") return this.showStatus("");
    // A blip is nobody's business.
    const wait = link === "closed" ? 0 : BLIP;
    this.linkTimer = window.setTimeout(() => this.showStatus(words || "Connecting…"), wait);
  }

  private showStatus(words: string): void {
    const line = must<HTMLElement>("#link");
    line.hidden = !words;
    line.textContent = words;
  }

  private showNotice(words: string): void {
    const line = must<HTMLElement>("#unsettled");
    line.hidden = !words;
    line.textContent = words;
  }
}

function toggleSidebar(): void {
  const root = document.documentElement;
  if (matchMedia("(max-width: 800px)").matches) {
    root.dataset.drawer = root.dataset.drawer === "open" ? "closed" : "open";
    return;
  }
  root.dataset.sidebar = root.dataset.sidebar === "closed" ? "open" : "closed";
  localStorage.setItem("sidebar", root.dataset.sidebar);
}

new Page().start();
