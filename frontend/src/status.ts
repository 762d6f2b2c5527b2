// What the page says about itself: the connection, a log out of reach, a prompt that waits, a quota, a new version.
import { must } from "./elements";
import type { Link } from "./connection";
import { QuotaLine } from "./quota_line";

const BLIP = 1000;

export class Status {
  readonly quota = new QuotaLine();
  private readonly link = must<HTMLElement>("#link");
  private readonly unsettled = must<HTMLElement>("#unsettled");
  private readonly unsent = must<HTMLElement>("#unsent");
  private readonly version = must<HTMLElement>("#new-version");
  private timer = 0;

  showLink(link: Link, words: string): void {
    clearTimeout(this.timer);
    document.documentElement.dataset.link = link;
    if (link === "open") return say(this.link, "");
    // A blip is nobody's business.
    const wait = link === "closed" ? 0 : BLIP;
    if (this.link.hidden) this.timer = window.setTimeout(() => say(this.link, words || "Connecting…"), wait);
    else if (words) say(this.link, words);
  }

  showUnsettled(words: string): void {
    say(this.unsettled, words);
  }

  showUnsent(words: string): void {
    say(this.unsent, words);
  }

  showNewVersion(): void {
    this.version.hidden = false;
  }
}

function say(line: HTMLElement, words: string): void {
  line.hidden = !words;
  line.textContent = words;
}
