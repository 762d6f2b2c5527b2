// A button that says what holds, and a menu of radios to choose something else.
import { element, icon, must } from "./elements";

export interface Choice {
  value: string;
  words: string;
  help: string;
  icon?: string;
  /** It cannot be chosen; the help says why. */
  isOff?: boolean;
}

export interface Group {
  title: string;
  choices: Choice[];
}

export interface MenuFacts {
  /** What the button says, and what it is called. */
  label: string;
  name: string;
  groups: Group[];
  chosen: string;
  note?: string;
  isOnce?: boolean;
}

interface Handlers {
  choose(value: string): void;
  /** Whether the choice is for the next answer alone; without this it is not asked. */
  chooseOnce?(isOnce: boolean): void;
  /** Somebody has pointed at a choice; the menu is closed. */
  done(): void;
}

export class ChoiceMenu {
  private readonly summary: HTMLElement;
  private readonly label: HTMLElement;
  private readonly panel: HTMLElement;
  private readonly once = element("input");
  private readonly note = element("p", "menu-note");
  private made = "";

  constructor(
    private readonly root: HTMLDetailsElement,
    private readonly handlers: Handlers,
  ) {
    this.summary = must("summary", root);
    this.label = must(".label", root);
    this.panel = must(".menu-items", root);
    this.once.type = "checkbox";
    this.once.addEventListener("change", () => handlers.chooseOnce?.(this.once.checked));
    root.addEventListener("toggle", () => root.open && this.opened());
    this.panel.addEventListener("change", (event) => this.changed(event));
    this.panel.addEventListener("click", (event) => this.pointedAt(event));
    this.panel.addEventListener("keydown", (event) => this.pressed(event));
  }

  hide(): void {
    this.root.hidden = true;
  }

  /** Show what holds. What is under the pointer or has the focus stays, where it only changes its state. */
  show(facts: MenuFacts): void {
    this.root.hidden = false;
    this.label.textContent = facts.label;
    this.summary.setAttribute("aria-label", facts.name);
    this.summary.title = facts.name;
    const now = JSON.stringify(facts.groups);
    if (now !== this.made) this.make(facts.groups);
    this.made = now;
    this.note.hidden = !facts.note;
    this.note.textContent = facts.note ?? "";
    for (const one of this.radios()) one.checked = one.value === facts.chosen;
    this.once.checked = facts.isOnce ?? false;
  }

  private make(groups: Group[]): void {
    const name = this.root.id;
    this.panel.replaceChildren(...groups.map((group) => fieldset(group, name)));
    if (this.handlers.chooseOnce && groups.length) {
      const line = element("label", "choice once");
      line.append(this.once, element("span", "words", "Only for the next answer"));
      this.panel.append(line);
    }
    this.panel.append(this.note);
  }

  private opened(): void {
    const radios = this.radios();
    (radios.find((one) => one.checked) ?? radios.find((one) => !one.disabled))?.focus();
  }

  private changed(event: Event): void {
    const { target } = event;
    if (target instanceof HTMLInputElement && target.type === "radio") this.handlers.choose(target.value);
  }

  /** Arrow keys click a radio too, but not with a pointer. */
  private pointedAt(event: MouseEvent): void {
    const line = event.target instanceof Element ? event.target.closest("label") : null;
    const radio = line?.querySelector<HTMLInputElement>("input[type=radio]");
    if (!radio || radio.disabled || event.detail === 0) return;
    // The label checks its radio after this.
    setTimeout(() => {
      this.root.open = false;
      this.handlers.done();
    });
  }

  /** Enter takes what is chosen; it must not send the form around the menu. */
  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (event.target === this.once) return this.once.click();
    this.root.open = false;
    this.summary.focus();
  }

  private radios(): HTMLInputElement[] {
    return [...this.panel.querySelectorAll<HTMLInputElement>("input[type=radio]")];
  }
}

function fieldset(group: Group, name: string): HTMLFieldSetElement {
  const made = element("fieldset");
  made.append(element("legend", "menu-title", group.title));
  made.append(...group.choices.map((choice) => line(choice, name)));
  return made;
}

function line(choice: Choice, name: string): HTMLLabelElement {
  const made = element("label", "choice");
  const radio = element("input");
  const words = element("span", "words", choice.words);
  radio.type = "radio";
  radio.name = `choose-${name}`;
  radio.value = choice.value;
  radio.disabled = choice.isOff ?? false;
  if (choice.help) words.append(element("small", "", choice.help));
  made.append(radio, words, icon("check"));
  return made;
}
