// The conversation page: frames in, requests out.
import { Address } from "./address";
import { Answers } from "./answers";
import { offered } from "./choices";
import { Composer } from "./composer";
import { Connection } from "./connection";
import { Controls } from "./controls";
import { Drafts, NEW } from "./drafts";
import { must } from "./elements";
import { endWords } from "./ending";
import { readFacts } from "./facts";
import type { Accepted, ConversationFacts, Delta, Message, Refusal, ServerFrame } from "./frames";
import { newId } from "./id";
import { leave } from "./leaving";
import { listenForLinks } from "./links";
import { List } from "./list";
import { Outbox, type Prompt } from "./outbox";
import { Requests } from "./requests";
import { Selection } from "./selection";
import { Sender } from "./sender";
import { listenForKeys } from "./shortcuts";
import { closeDrawer, listenForSidebar, search, toggleSidebar } from "./sidebar";
import { isBusy, newConversation, sketch, sketchAll } from "./sketch";
import { Status } from "./status";
import { Store, type Change } from "./store";
import { Thread } from "./thread";
import { showTitle } from "./title";
import { Temporary } from "./temporary";
import { toast } from "./toast";
import { Withheld } from "./withheld";

export class Page {
  private readonly facts = readFacts();
  private readonly base = `/o/${this.facts.organization}`;
  private readonly address = new Address(this.base);
  private readonly mine = `${this.facts.user.id}:${this.facts.organization}`;
  private readonly store = new Store(this.facts.conversation, this.facts.messages);
  private readonly status = new Status();
  private readonly outbox = new Outbox(localStorage, `outbox:${this.mine}`);
  private readonly composer = new Composer(new Drafts(`draft:${this.mine}`), {
    send: (text) => this.ask(text, this.store.last()?.id ?? null),
    stop: () => this.requests.stop(),
  });
  private readonly selection = new Selection(
    `choices:${this.mine}`,
    (chosen) => offered(this.facts.choices, chosen),
    () => this.controls.show(),
  );
  private readonly controls = new Controls(this.facts.choices, this.selection, () =>
    this.composer.offerFocus(),
  );
  private readonly list = new List({
    current: () => this.store.conversation?.id ?? null,
    show: (id, title) => this.show(id, title),
  });
  private readonly connection = new Connection(this.address.socket, `${this.base}/session`, {
    frame: (frame) => this.take(frame),
    link: (link, words) => this.status.showLink(link, words),
    ended: leave,
  });
  private readonly requests = new Requests(this.connection, this.store);
  private readonly thread = new Thread(this.store, {
    regenerate: (answer, effort) => this.answers.regenerate(answer, effort),
    details: (answer) => this.answers.showDetails(answer),
    efforts: () => this.controls.holding.efforts,
    ...this.requests.ofMessages,
    edit: (message, text) => this.edit(message, text),
    withheld: new Withheld(this.store, this.address),
  });
  private readonly answers = new Answers(this.store, this.requests, this.selection, this.address, () =>
    this.thread.toEnd(true),
  );
  private readonly sender = new Sender(this.outbox, {
    socket: (request) => this.connection.send(request),
    answer: (frame) => this.take(frame),
    posted: (conversation) => this.isShown(conversation) && this.requests.open(conversation),
    notice: (words) => this.status.showUnsent(words),
    csrf: must<HTMLMetaElement>('meta[name="csrf"]').content,
    base: this.base,
  });
  private readonly temporary = new Temporary(this.facts.temporary, this.store);
  private wasWriting = false;
  /** The conversation whose messages are on their way. */
  private awaited: string | null = null;

  start(): void {
    // A first prompt that was never confirmed: its conversation exists only here.
    const unborn = this.outbox.beginning();
    if (unborn && !this.store.conversation)
      this.store.turnTo(newConversation(unborn.conversation, unborn.temporary));
    sketchAll(this.outbox, this.store);
    this.openComposer();
    this.thread.showAll();
    this.thread.toEnd(false);
    this.showWriting();
    this.listen();
    this.connection.open();
    this.composer.offerFocus();
  }

  private listen(): void {
    // Escape closes an open drawer before it stops an answer.
    listenForSidebar();
    listenForKeys({
      newChat: () => this.show(null, ""),
      search,
      focusComposer: () => this.composer.focus(),
      stop: () => this.requests.stop(),
      copyLast: () => this.thread.copyLast(),
      toggleSidebar,
    });
    listenForLinks({ newChat: () => this.show(null, ""), fill: (text) => this.composer.fill(text) });
    addEventListener("popstate", () => this.show(this.address.shown(), "", false));
  }

  /** Turn to a conversation, or to a new one, without leaving the page. */
  private show(id: string | null, title: string, push = true): void {
    closeDrawer();
    const before = this.store.conversation?.id;
    if (id && id === before) return this.thread.toEnd(true);
    if (id && !this.connection.isOpen) return location.assign(this.address.of(id));
    if (push) this.address.show(id);
    if (before) this.requests.close(before);
    this.awaited = id;
    this.wasWriting = false;
    this.store.turnTo(id ? { ...newConversation(id), title } : null);
    this.openComposer();
    this.thread.showAll(id !== null);
    showTitle(this.store);
    this.showWriting();
    if (id) this.requests.open(id);
    this.composer.offerFocus();
  }

  /** Bring back what was being written and chosen here. */
  private openComposer(): void {
    const { conversation } = this.store;
    this.composer.open(conversation?.id ?? NEW);
    this.selection.open(conversation?.id ?? NEW, conversation ? (conversation.options ?? {}) : undefined);
  }

  /** The conversation has been given its id, or lost it. */
  private rename(conversation: string): void {
    this.composer.rename(conversation);
    this.selection.rename(conversation);
  }

  private take(frame: ServerFrame | Delta): void {
    this.react(frame);
    const change = this.store.apply(frame);
    if (change) this.reflect(change);
  }

  private react(frame: ServerFrame | Delta): void {
    switch (frame.type) {
      case "ready":
        // Somebody else has signed in here meanwhile: nothing that this page holds is theirs.
        if (frame.user !== this.facts.user.id) return location.reload();
        if (frame.build !== this.facts.build) this.status.showNewVersion();
        return this.resume();
      case "accepted":
        return this.accepted(frame);
      case "refused":
        return this.refused(frame);
      case "unsettled":
        return this.status.showUnsettled(frame.text);
      case "listing":
        return this.list.refresh();
    }
  }

  /** After every (re)connection: say what is known, get the rest, send what was not confirmed. */
  private resume(): void {
    const id = this.store.conversation?.id;
    // A conversation whose first prompt is not confirmed may not exist yet; its acceptance opens it.
    if (id && !this.outbox.beginning(id)) this.requests.open(id);
    this.status.showUnsettled("");
    this.sender.sendAll();
    this.list.refresh();
  }

  private accepted(frame: Accepted): void {
    const { conversation } = frame;
    this.status.quota.accepted(frame.warnings ?? []);
    const settings = this.sender.settle(frame.message)?.settings ?? this.requests.taken(frame.answer);
    // Nobody looks at it here any more: the socket need not follow it.
    if (!this.isShown(conversation)) return this.requests.close(conversation);
    this.address.show(conversation);
    if (!settings) return;
    this.store.chosen(settings);
    this.selection.learn(settings);
  }

  private ask(text: string, parent: string | null): void {
    const begins = this.store.conversation === null;
    const kind = begins ? this.temporary.forRequest() : {};
    const conversation = this.store.conversation ?? this.begin(kind.temporary);
    const chosen = { ...kind, ...this.selection.forRequest() };
    const prompt = { conversation: conversation.id, message: newId(), parent, text, begins, ...chosen };
    this.outbox.add(prompt);
    sketch(prompt, this.store);
    this.thread.showAll();
    this.thread.toEnd(true);
    this.showWriting();
    void this.sender.send(prompt);
  }

  private begin(temporary?: true): ConversationFacts {
    const made = newConversation(newId(), temporary);
    this.store.turnTo(made);
    this.rename(made.id);
    return made;
  }

  private edit(message: Message, text: string): boolean {
    if (isBusy(this.outbox, this.store)) {
      toast({ text: "The last message is still being sent or answered. Wait for it, or stop it." });
      return false;
    }
    this.store.cutBefore(message.id);
    this.ask(text, message.parent);
    return true;
  }

  private refused(frame: Refusal): void {
    if (this.sender.putsOff(frame)) return;
    if (!this.status.quota.refused(frame)) toast({ text: frame.text });
    const opened = frame.ref?.startsWith("open:") ? frame.ref.slice(5) : null;
    const isGone = frame.code === "not-found" || opened === this.awaited;
    if (opened && isGone && this.isShown(opened)) this.show(null, "");
    const prompt = this.sender.settle(frame.ref ?? "");
    if (prompt) this.takeBack(prompt);
  }

  /** Nothing is lost: what was refused goes back to where it was written. */
  private takeBack(prompt: Prompt): void {
    if (this.isShown(prompt.conversation)) {
      this.withdraw(prompt);
      this.selection.putBack(prompt.options);
    }
    this.composer.putBack(prompt.text, prompt.begins ? NEW : prompt.conversation);
  }

  /** Show what was shown before a prompt was sent. */
  private withdraw(prompt: Prompt): void {
    this.store.drop(prompt.message);
    if (prompt.begins) {
      this.store.turnTo(null);
      this.temporary.putBack(prompt.temporary);
      this.rename(NEW);
    } else this.requests.open(prompt.conversation);
    // An edited first message was all that was shown; the rest is on its way.
    this.thread.showAll(!prompt.begins && !this.store.last());
    // No answer has ended: none was begun.
    this.wasWriting = false;
    this.showWriting();
  }

  private reflect(change: Change): void {
    switch (change.what) {
      case "gone":
        // While another conversation is on its way, this is about the one before it.
        return this.awaited ? undefined : this.show(null, "");
      case "title":
        return showTitle(this.store);
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
    sketchAll(this.outbox, this.store);
    this.selection.learn(this.store.conversation?.options ?? {});
    this.thread.showAll();
    if (this.awaited) this.thread.toEnd(false);
    this.awaited = null;
    showTitle(this.store);
    this.showWriting();
  }

  private showWriting(): void {
    const writing = isBusy(this.outbox, this.store);
    this.composer.setWriting(writing);
    if (this.wasWriting && !writing) this.thread.announce(endWords(this.store));
    else if (writing && !this.wasWriting) this.thread.announce("");
    this.wasWriting = writing;
    this.temporary.show();
    this.list.mark();
  }

  private isShown(conversation: string): boolean {
    return conversation === this.store.conversation?.id;
  }
}
