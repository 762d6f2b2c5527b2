// How an answer was made: a fragment of the server's, in a dialog.
import { must } from "./elements";

const FAILED = "The details could not be fetched. Close this, and try again in a moment.";

export class Details {
  private readonly dialog = must<HTMLDialogElement>("#details");
  private readonly facts = must<HTMLElement>("#details-facts");
  private again: () => void = () => undefined;

  constructor() {
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    must("#details-again").addEventListener("click", () => {
      this.dialog.close();
      this.again();
    });
  }

  show(address: string, again: () => void): void {
    this.again = again;
    this.facts.textContent = "Fetching…";
    this.dialog.showModal();
    void this.fetch(address);
  }

  private async fetch(address: string): Promise<void> {
    this.facts.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (answer.ok) this.facts.innerHTML = await answer.text();
      else this.facts.textContent = FAILED;
    } catch {
      this.facts.textContent = FAILED;
    }
    this.facts.setAttribute("aria-busy", "false");
  }
}
