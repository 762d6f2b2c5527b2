// Short words at the edge of the page, with an undo where there is one.
import { element, must, wordButton } from "./elements";

const SHOWN = 7000;

export interface ToastFacts {
  text: string;
  undo?: string;
}

export function toast(facts: ToastFacts, undo?: (url: string) => void): void {
  const box = element("div", "toast");
  box.append(element("span", "", facts.text));
  const away = () => box.remove();
  const timer = setTimeout(away, SHOWN);
  if (facts.undo && undo) {
    const back = wordButton("Undo", "button small");
    const url = facts.undo;
    back.addEventListener("click", () => {
      clearTimeout(timer);
      away();
      undo(url);
    });
    box.append(back);
  }
  must("#toasts").append(box);
}
