// Short words at the edge of the page, with an undo where there is one.
import { button, element, must, wordButton } from "./elements";

const SHOWN = 8000;

export interface ToastFacts {
  text: string;
  undo?: string;
}

export function toast(facts: ToastFacts, undo?: (url: string) => void): void {
  const box = element("div", "toast");
  const close = button("close", "Dismiss");
  const url = facts.undo;
  let timer = 0;
  const away = () => {
    clearTimeout(timer);
    box.remove();
  };
  const wait = () => {
    clearTimeout(timer);
    timer = window.setTimeout(away, SHOWN);
  };
  box.append(element("span", "", facts.text));
  if (url && undo) {
    const back = wordButton("Undo", "undo");
    back.addEventListener("click", () => {
      away();
      undo(url);
    });
    box.append(back);
  }
  close.addEventListener("click", away);
  box.append(close);
  // Whoever reads or aims is not hurried.
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("focusin", () => clearTimeout(timer));
  box.addEventListener("pointerleave", wait);
  box.addEventListener("focusout", wait);
  must("#toasts").append(box);
  wait();
}
