// Parts of a page that are loaded once it stands: one that does not come says so, and can be asked for again.

function show(event: Event, hasFailed: boolean): void {
  const part = event.target;
  if (!(part instanceof HTMLElement) || !part.matches(".part")) return;
  part.querySelector<HTMLElement>(".part-loading")?.toggleAttribute("hidden", hasFailed);
  part.querySelector<HTMLElement>(".part-failed")?.toggleAttribute("hidden", !hasFailed);
}

document.addEventListener("htmx:beforeRequest", (event) => show(event, false));
for (const name of ["htmx:responseError", "htmx:sendError"])
  document.addEventListener(name, (event) => show(event, true));
