// The sidebar: beside the conversation where there is room, a drawer over it where there is none.
import { must } from "./elements";
import { keep } from "./shelf";

export function listenForSidebar(): void {
  for (const one of document.querySelectorAll("[data-sidebar]")) one.addEventListener("click", toggleSidebar);
}

export function toggleSidebar(): void {
  const { dataset } = document.documentElement;
  if (isNarrow()) {
    dataset.drawer = dataset.drawer === "open" ? "closed" : "open";
    return;
  }
  dataset.sidebar = dataset.sidebar === "closed" ? "open" : "closed";
  keep("sidebar", dataset.sidebar === "closed" ? "closed" : "");
}

export function closeDrawer(): void {
  document.documentElement.dataset.drawer = "closed";
}

/** Go to the search field, wherever it is. */
export function search(): void {
  if (document.documentElement.dataset.sidebar === "closed" || isNarrow()) toggleSidebar();
  must<HTMLInputElement>("#search").select();
}

function isNarrow(): boolean {
  return matchMedia("(max-width: 800px)").matches;
}
