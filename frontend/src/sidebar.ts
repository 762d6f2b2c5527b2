// The sidebar: beside the conversation where there is room, a drawer over it where there is none.
import { must } from "./elements";
import { keep } from "./shelf";

const narrow = matchMedia("(max-width: 800px)");
// The shade behind the drawer closes it too, but says nothing of its own. The root element has the attribute as well.
const BUTTONS = "button[data-sidebar]:not(.shade)";

export function listenForSidebar(): void {
  for (const one of document.querySelectorAll("button[data-sidebar]"))
    one.addEventListener("click", toggleSidebar);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (closeDrawer()) event.preventDefault();
  });
  narrow.addEventListener("change", tell);
  tell();
}

export function toggleSidebar(): void {
  // Whoever writes a message and presses the keys goes on writing, beside the list.
  const moves = narrow.matches || document.activeElement?.closest(`.sidebar, ${BUTTONS}`);
  const { dataset } = document.documentElement;
  if (narrow.matches) dataset.drawer = isShown() ? "closed" : "open";
  else {
    dataset.sidebar = isShown() ? "closed" : "open";
    keep("sidebar", isShown() ? "" : "closed");
  }
  tell();
  if (moves) moveFocus();
}

/** Close the drawer; returns whether there was one to close. */
export function closeDrawer(): boolean {
  const wasOpen = narrow.matches && isShown();
  document.documentElement.dataset.drawer = "closed";
  tell();
  if (wasOpen) moveFocus();
  return wasOpen;
}

/** Go to the search field, wherever it is. */
export function search(): void {
  if (!isShown()) toggleSidebar();
  must<HTMLInputElement>("#search").select();
}

function isShown(): boolean {
  const { drawer, sidebar } = document.documentElement.dataset;
  return narrow.matches ? drawer === "open" : sidebar !== "closed";
}

function tell(): void {
  for (const one of document.querySelectorAll(BUTTONS)) one.setAttribute("aria-expanded", String(isShown()));
}

/** To the button that takes it back: in the list while that is shown, above the conversation otherwise. */
function moveFocus(): void {
  must<HTMLElement>(`${isShown() ? ".sidebar" : ".room-top"} ${BUTTONS}`).focus();
}
