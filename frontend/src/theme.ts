// Runs before the first paint: a chosen theme wins over the system's.
const chosen = localStorage.getItem("theme");
if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
if (localStorage.getItem("sidebar") === "closed") document.documentElement.dataset.sidebar = "closed";
