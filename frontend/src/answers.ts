// Answers that are made anew: as chosen now, with another effort, or exactly as they were.
import type { Address } from "./address";
import { Details } from "./details";
import type { Effort } from "./effort";
import type { Message } from "./frames";
import type { Requests } from "./requests";
import type { Selection } from "./selection";
import type { Store } from "./store";

export class Answers {
  private readonly details = new Details();

  constructor(
    private readonly store: Store,
    private readonly requests: Requests,
    private readonly selection: Selection,
    private readonly address: Address,
    private readonly follow: () => void,
  ) {}

  regenerate(answer: Message, effort?: Effort): void {
    const chosen = this.selection.forRequest();
    const options = effort ? { ...chosen.options, effort } : chosen.options;
    const isAsked = this.requests.regenerate(answer, { ...chosen, ...(options && { options }) });
    if (!isAsked) this.selection.putBack(chosen.options);
    this.follow();
  }

  showDetails(answer: Message): void {
    const place = `${this.address.of(this.store.conversation?.id ?? null)}answers/${answer.id}/`;
    this.details.show(place, () => {
      this.requests.regenerate(answer, { again: answer.generation ?? "" });
      this.follow();
    });
  }
}
