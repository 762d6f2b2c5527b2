// Every page: the Trusted Types policy, htmx, menus, dialogs, theme, copying.
import htmx from "htmx.org";
import { copyText } from "./clipboard";
import "./long_text";
import "./late_parts";
import { keep, recall } from "./shelf";
import "./sliders";
import { installPolicy } from "./trusted";

installPolicy();

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyEnabled: false,
  historyCacheSize: 0,
});

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
  if (token)
    (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers["X-CSRFToken"] = token;
});

function closeMenus(except: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  closeMenus(target);
  const opener = target?.closest<HTMLElement>("[data-opens]");
  if (opener) document.querySelector<HTMLDialogElement>(`#${opener.dataset.opens}`)?.showModal();
  if (target?.closest("[data-closes]")) target.closest("dialog")?.close();
  const theme = target?.closest<HTMLElement>("[data-theme-choice]")?.dataset.themeChoice;
  if (theme) chooseTheme(theme);
  const copied = target?.closest<HTMLElement>("[data-copies]");
  if (copied) void copy(copied);
  if (target?.closest("[data-prints]")) print();
});

document.addEventListener("keydown", (event) => {
  // A dialog that a menu has opened stands before it, and closes by itself.
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  if (!menu) return;
  // One press closes one thing.
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary")?.focus();
});

/** A slash leads to the search of the page's navigation, unless somebody is writing. */
document.addEventListener("keydown", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target?.closest("input, textarea, select, [contenteditable]")) return;
  const finder = document.querySelector<HTMLInputElement>("#find");
  if (!finder) return;
  event.preventDefault();
  finder.focus();
  finder.select();
});

function chooseTheme(theme: string): void {
  keep("theme", theme === "system" ? "" : theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  showTheme();
}

function showTheme(): void {
  const chosen = recall("theme") || "system";
  for (const one of document.querySelectorAll<HTMLElement>("[data-theme-choice]"))
    one.setAttribute("aria-pressed", String(one.dataset.themeChoice === chosen));
}

async function copy(opener: HTMLElement): Promise<void> {
  const source = document.querySelector<HTMLInputElement>(`#${opener.dataset.copies}`);
  const isCopied = await copyText(source?.value ?? source?.textContent ?? "");
  const before = opener.textContent;
  opener.textContent = isCopied ? "Copied" : "Copy it by hand";
  setTimeout(() => (opener.textContent = before), 1600);
}

/** Charts are drawn where a page has any, also one that htmx has just put into it. */
function drawCharts(): void {
  if (document.querySelector("[data-time-chart]"))
    void import("./time_chart").then((charts) => charts.drawCharts());
}

document.addEventListener("htmx:load", drawCharts);
drawCharts();
showTheme();

// On a phone the navigation is one row, which begins at the page that is shown; a column that is longer than the window
// shows it too. Only the navigation moves, never the page.
function showHere(): void {
  const shown = document.querySelector(".console-nav nav [aria-current]");
  const row = shown?.closest("nav");
  if (!shown || !row) return;
  const [its, rows] = [shown.getBoundingClientRect(), row.getBoundingClientRect()];
  row.scrollLeft += its.left - rows.left - 12;
  row.scrollTop += Math.max(0, its.bottom - rows.bottom + 12);
}

showHere();
// A tablet that is turned makes a row of the column.
matchMedia("(max-width: 800px)").addEventListener("change", showHere);
