// The place in line, where the answer is going to be.
import { element, must, wordButton } from "./elements";
import type { Line } from "./frames";
import { Wait } from "./line_words";

export class LineView {
  readonly element = element("div", "in-line");
  private readonly place = element("span", "place");
  private readonly time = element("span", "time");
  private readonly bar = element("progress", "far");
  private readonly wait = new Wait();

  constructor(leave: () => void) {
    const words = element("p", "words");
    words.append(this.place, this.time);
    this.bar.max = 1;
    this.bar.setAttribute("aria-label", "How far you have come in line");
    const leaving = wordButton("Leave the line", "button quiet small");
    leaving.addEventListener("click", ({ detail }) => {
      leave();
      // Pressed by key: the button goes away with the line.
      if (detail === 0) must<HTMLElement>("#prompt").focus();
    });
    this.element.append(words, this.bar, leaving);
  }

  show(line: Line): void {
    const now = this.wait.take(line, Date.now());
    this.place.textContent = now.place;
    this.time.textContent = now.time;
    this.bar.value = now.progress;
  }
}
