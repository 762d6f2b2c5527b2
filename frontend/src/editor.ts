// An earlier message, edited where it stands.
import { sends } from "./composer";
import { element, wordButton } from "./elements";

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
  const send = wordButton("Send", "button small");
  const cancel = wordButton("Cancel", "button quiet small");
  send.type = "submit";
  mirror.setAttribute("aria-hidden", "true");
  input.setAttribute("aria-label", "Edit the message");
  input.rows = 1;
  input.value = text;
  row.append(element("span", "hint", "Sending begins a new branch; this one is kept."), cancel, send);
  grow.append(mirror, input);
  form.append(grow, row);
  const changed = () => {
    mirror.textContent = `${input.value}\n`;
    send.disabled = !input.value.trim();
  };
  const submit = () => input.value.trim() && ends.send(input.value);
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
