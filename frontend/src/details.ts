// How an answer was made: a fragment of the server's, in a dialog.
import htmx from "htmx.org";
import { must } from "./elements";

const FACTS = "#details-facts";
const FAILED = "The details could not be fetched. Close this, and try again in a moment.";

export class Details {
  private readonly dialog = must<HTMLDialogElement>("#details");
  private again: () => void = () => undefined;

  constructor() {
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    must("#details-again").addEventListener("click", () => {
      this.dialog.close();
      this.again();
    });
  }

  show(address: string, again: () => void): void {
    const facts = must(FACTS);
    this.again = again;
    facts.textContent = "Fetching…";
    facts.setAttribute("aria-busy", "true");
    this.dialog.showModal();
    htmx
      .ajax("get", address, { target: FACTS, swap: "innerHTML" })
      .catch(() => (facts.textContent = FAILED))
      .finally(() => facts.removeAttribute("aria-busy"));
  }
}
