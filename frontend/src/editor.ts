// An earlier message, edited where it stands.
import { isSendable, lengthWords, sends } from "./composer";
import { element, wordButton } from "./elements";

const HINT = "Sending begins a new branch; this one is kept.";

export interface EditorEnds {
  send(text: string): void;
  cancel(): void;
}

export function editor(text: string, ends: EditorEnds): HTMLFormElement {
  const form = element("form", "editor");
  const grow = element("div", "grow");
  const mirror = element("div", "mirror");
  const input = element("textarea");
  const row = element("div", "row");
  const hint = element("span", "hint");
  const send = wordButton("Send", "button small");
  const cancel = wordButton("Cancel", "button quiet small");
  send.type = "submit";
  mirror.setAttribute("aria-hidden", "true");
  input.setAttribute("aria-label", "Edit the message");
  input.rows = 1;
  input.value = text;
  row.append(hint, cancel, send);
  grow.append(mirror, input);
  form.append(grow, row);
  const changed = () => {
    mirror.textContent = `${input.value}\n`;
    hint.textContent = lengthWords(input.value) || HINT;
    send.disabled = !isSendable(input.value);
  };
  const submit = () => isSendable(input.value) && ends.send(input.value);
  input.addEventListener("input", changed);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") ends.cancel();
    else if (sends(event)) submit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  cancel.addEventListener("click", () => ends.cancel());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  changed();
  queueMicrotask(() => {
    input.focus();
    input.setSelectionRange(text.length, text.length);
  });
  return form;
}
