// Runs before the first paint: a chosen theme wins over the system's, a closed list stays closed.
import { recall } from "./shelf";

const theme = recall("theme");
if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
if (recall("sidebar") === "closed") document.documentElement.dataset.sidebar = "closed";
