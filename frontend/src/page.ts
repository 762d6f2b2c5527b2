// The conversation page: frames in, requests out.
import { Composer } from "./composer";
import { Connection } from "./connection";
import { must } from "./elements";
import { readFacts } from "./facts";
import type { ConversationFacts, Delta, Message, ServerFrame } from "./frames";
import { leave } from "./leaving";
import { isPlain, List } from "./list";
import { textOf } from "./message";
import { Outbox, type Prompt } from "./outbox";
import { Sender, WAITS } from "./sender";
import { listenForKeys } from "./shortcuts";
import { closeDrawer, listenForSidebar, search, toggleSidebar } from "./sidebar";
import { newConversation, sketched } from "./sketch";
import { Status } from "./status";
import { Store, type Change } from "./store";
import { Thread } from "./thread";
import { toast } from "./toast";

type Refusal = Extract<ServerFrame, { type: "refused" }>;

export class Page {
  private readonly facts = readFacts();
  private readonly base = `/o/${this.facts.organization}`;
  private readonly mine = `${this.facts.user.id}:${this.facts.organization}`;
  private readonly store = new Store(this.facts.conversation, this.facts.messages);
  private readonly status = new Status();
  private readonly outbox = new Outbox(localStorage, `outbox:${this.mine}`);
  private readonly composer = new Composer(`draft:${this.mine}`, {
    send: (text) => this.ask(text, this.store.last()?.id ?? null),
    stop: () => this.stop(),
  });
  private readonly list = new List({
    current: () => this.store.conversation?.id ?? null,
    show: (id, title) => this.show(id, title),
  });
  private readonly thread = new Thread(this.store, {
    regenerate: (message) => this.regenerate(message),
    goOn: (message) => this.request({ action: "continue", generation: message.generation }),
    edit: (message, text) => this.edit(message, text),
    select: (id) =>
      this.request({ action: "select", conversation: this.store.conversation?.id, message: id }),
  });
  private readonly connection = new Connection(
    `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.base}/socket/`,
    `${this.base}/session`,
    {
      frame: (frame) => this.take(frame),
      link: (link, words) => this.status.showLink(link, words),
      ended: leave,
    },
  );
  private readonly sender = new Sender(this.outbox, {
    socket: (request) => this.connection.send(request),
    answer: (frame) => this.take(frame),
    notice: (words) => this.status.showNotice(words),
    csrf: must<HTMLMetaElement>('meta[name="csrf"]').content,
    base: this.base,
  });
  private wasWriting = false;
  /** The conversation whose messages are on their way. */
  private awaited: string | null = null;

  start(): void {
    // A first prompt that was never confirmed: its conversation exists only here.
    const unborn = this.outbox.all().find((one) => one.parent === null);
    if (unborn && !this.store.conversation) this.store.turnTo(newConversation(unborn.conversation));
    this.sketchAll();
    this.composer.open(this.store.conversation?.id ?? "new");
    this.thread.showAll();
    this.thread.toEnd(false);
    this.showWriting();
    this.listen();
    this.connection.open();
    this.focus();
  }

  private listen(): void {
    listenForKeys({
      newChat: () => this.show(null, ""),
      search,
      focusComposer: () => this.composer.focus(),
      stop: () => this.stop(),
      copyLast: () => this.copyLast(),
      toggleSidebar,
    });
    listenForSidebar();
    for (const one of document.querySelectorAll<HTMLElement>("[data-suggests]"))
      one.addEventListener("click", () => this.composer.fill(one.dataset.suggests ?? ""));
    for (const one of document.querySelectorAll<HTMLElement>("a[data-new-chat]"))
      one.addEventListener("click", (event) => {
        if (!isPlain(event)) return;
        event.preventDefault();
        this.show(null, "");
      });
    addEventListener("popstate", () => this.show(conversationIn(location.pathname), "", false));
  }

  /** Turn to a conversation, or to a new one, without leaving the page. */
  private show(id: string | null, title: string, push = true): void {
    const address = id ? `${this.base}/c/${id}/` : `${this.base}/`;
    closeDrawer();
    const before = this.store.conversation?.id;
    if (id && id === before) return this.thread.toEnd(true);
    if (id && !this.connection.isOpen) return location.assign(address);
    if (push && location.pathname !== address) history.pushState(null, "", address);
    if (before) this.connection.send({ action: "close", conversation: before });
    this.awaited = id;
    this.wasWriting = false;
    this.store.turnTo(id ? { ...newConversation(id), title } : null);
    this.composer.open(id ?? "new");
    this.thread.showAll(id !== null);
    this.showTitle();
    this.showWriting();
    if (id) this.open(id);
    this.focus();
  }

  private open(id: string): void {
    this.connection.send({ action: "open", ref: `open:${id}`, conversation: id, have: this.store.have() });
  }

  private take(frame: ServerFrame | Delta): void {
    this.react(frame);
    const change = this.store.apply(frame);
    if (change) this.reflect(change);
  }

  private react(frame: ServerFrame | Delta): void {
    switch (frame.type) {
      case "ready":
        if (frame.build !== this.facts.build) this.status.showNewVersion();
        return this.resume();
      case "accepted":
        this.outbox.remove(frame.message);
        return this.born(frame.conversation);
      case "refused":
        return this.refused(frame);
      case "unsettled":
        return this.status.showNotice(frame.text);
      case "listing":
        return this.list.refresh();
    }
  }

  /** After every (re)connection: say what is known, get the rest, send what was not confirmed. */
  private resume(): void {
    const id = this.store.conversation?.id;
    // A conversation whose first prompt is not confirmed may not exist yet; its acceptance opens it.
    const isUnborn = this.outbox.all().some((one) => one.conversation === id && one.parent === null);
    if (id && !isUnborn) this.open(id);
    this.status.showNotice("");
    this.sender.sendAll();
    this.list.refresh();
  }

  private born(conversation: string): void {
    const address = `${this.base}/c/${conversation}/`;
    if (conversation === this.store.conversation?.id && location.pathname !== address)
      history.pushState(null, "", address);
  }

  private ask(text: string, parent: string | null): void {
    const conversation = this.store.conversation ?? this.begin();
    const prompt = { conversation: conversation.id, message: crypto.randomUUID(), parent, text };
    this.outbox.add(prompt);
    this.sketch(prompt);
    this.thread.showAll();
    this.thread.toEnd(true);
    this.showWriting();
    void this.sender.send(prompt);
  }

  private begin(): ConversationFacts {
    const made = newConversation(crypto.randomUUID());
    this.store.turnTo(made);
    this.composer.rename(made.id);
    return made;
  }

  private edit(message: Message, text: string): void {
    if (this.store.writing()) return toast({ text: "An answer is being written. Stop it first." });
    this.store.cutBefore(message.id);
    this.ask(text, message.parent);
  }

  private sketchAll(): void {
    for (const prompt of this.outbox.all())
      if (prompt.conversation === this.store.conversation?.id) this.sketch(prompt);
  }

  /** Show a prompt at once; the server's own message replaces it under the same id. */
  private sketch(prompt: Prompt): void {
    if (this.store.get(prompt.message)) return;
    const { conversation, message } = prompt;
    this.store.apply({ type: "message", conversation, head: message, message: sketched(prompt) });
  }

  private refused(frame: Refusal): void {
    const prompt = frame.ref ? this.outbox.get(frame.ref) : undefined;
    if (prompt && frame.code === "unavailable") {
      this.status.showNotice(WAITS);
      return this.sender.sendAgainSoon();
    }
    toast({ text: frame.text });
    if (frame.ref?.startsWith("open:") && frame.ref.slice(5) === this.awaited) this.show(null, "");
    if (prompt) this.takeBack(prompt);
  }

  /** Nothing is lost: what was refused goes back to where it was written. */
  private takeBack(prompt: Prompt): void {
    this.outbox.remove(prompt.message);
    if (prompt.conversation !== this.store.conversation?.id) return;
    this.store.drop(prompt.message);
    if (!this.store.shown().length && prompt.parent === null) this.store.turnTo(null);
    else this.open(prompt.conversation);
    this.thread.showAll();
    this.composer.putBack(prompt.text);
    this.showWriting();
  }

  private regenerate(message: Message): void {
    if (!message.parent) return;
    this.request({
      action: "regenerate",
      conversation: this.store.conversation?.id,
      message: message.parent,
      answer: crypto.randomUUID(),
    });
    this.thread.toEnd(true);
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

  private reflect(change: Change): void {
    switch (change.what) {
      case "gone":
        // While another conversation is on its way, this is about the one before it.
        return this.awaited ? undefined : this.show(null, "");
      case "title":
        return this.showTitle();
      case "text":
        return this.thread.show(change.id, true);
      case "message":
        this.thread.show(change.id, false);
        return this.showWriting();
      case "all":
        return this.showConversation();
    }
  }

  private showConversation(): void {
    this.sketchAll();
    this.thread.showAll();
    if (this.awaited) this.thread.toEnd(false);
    this.awaited = null;
    this.showTitle();
    this.showWriting();
  }

  private showTitle(): void {
    const title = this.store.conversation?.title || "New chat";
    must("#title").textContent = title;
    document.title = `${title} · Hermes`;
  }

  private showWriting(): void {
    const last = this.store.last();
    const isSent = last?.role === "user" && this.outbox.get(last.id) !== undefined;
    const writing = this.store.writing() !== undefined || isSent;
    this.composer.setWriting(writing);
    if (this.wasWriting && !writing)
      this.thread.announce(last?.state === "done" ? "Answer complete." : (last?.words ?? ""));
    else if (writing && !this.wasWriting) this.thread.announce("");
    this.wasWriting = writing;
    this.list.mark();
  }

  private focus(): void {
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
  }
}

function conversationIn(path: string): string | null {
  return /\/c\/([0-9a-f-]{36})\/$/.exec(path)?.[1] ?? null;
}
