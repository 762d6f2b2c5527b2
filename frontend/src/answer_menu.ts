// What else can be done with an answer: look at how it was made, or have it made in another way.
import { otherEfforts } from "./effort";
import { element, icon } from "./elements";
import type { Message } from "./frames";
import type { Actions } from "./message";

export function answerMenu(message: Message, actions: Actions): HTMLDetailsElement {
  const menu = element("details", "menu");
  const summary = element("summary", "icon-button");
  const items = element("div", "menu-items up");
  summary.setAttribute("aria-label", "More for this answer");
  summary.title = "More";
  summary.append(icon("more"));
  menu.append(summary, items);
  const item = (name: string, words: string, act: () => void) => {
    const one = element("button");
    one.type = "button";
    one.append(icon(name), element("span", "", words));
    one.addEventListener("click", () => {
      menu.open = false;
      act();
    });
    return one;
  };
  // What may be chosen is looked up when it is asked for.
  menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    const efforts = otherEfforts(usedBy(message), actions.efforts());
    items.replaceChildren(
      ...efforts.map(({ effort, words }) =>
        item("thought", words, () => actions.regenerate(message, effort)),
      ),
      item("info", "Details", () => actions.details(message)),
    );
  });
  return menu;
}

function usedBy(message: Message): NonNullable<Message["effort"]> {
  return message.effort || (message.parts.some((part) => part.type === "reasoning") ? "on" : "off");
}
