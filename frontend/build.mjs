// Build the page's scripts and styles into dist/, the unit tests into dist-tests/ (--tests), or the scripts that
// drive the page's own views in a browser into a given folder (--browser <folder>).
import { build } from "esbuild";
import { cp, readdir, rm } from "node:fs/promises";

const shared = { bundle: true, format: "esm", target: ["es2022"], logLevel: "warning" };

async function page() {
  await rm("dist", { recursive: true, force: true });
  await build({
    ...shared,
    entryPoints: ["src/chat.ts", "src/panel.ts", "src/site.ts", "src/usage.ts"],
    outdir: "dist",
    splitting: true,
    minify: true,
    // Whitenoise adds a hash of its own to entries; chunks need one because scripts name them.
    chunkNames: "chunks/[name]-[hash]",
  });
  await build({ ...shared, format: "iife", entryPoints: ["src/theme.ts"], outdir: "dist", minify: true });
  await build({
    ...shared,
    entryPoints: ["styles/app.css", "styles/operator.css", "styles/panel.css", "styles/usage.css"],
    outdir: "dist",
    minify: true,
    loader: { ".woff2": "file" },
    assetNames: "fonts/[name]",
  });
  await cp("assets", "dist", { recursive: true });
}

async function tests() {
  await rm("dist-tests", { recursive: true, force: true });
  const names = (await readdir("tests")).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...shared,
    platform: "node",
    entryPoints: names.map((name) => `tests/${name}`),
    outdir: "dist-tests",
    outExtension: { ".js": ".mjs" },
    external: ["node:*"],
  });
}

async function browser(outdir) {
  const names = (await readdir("tests")).filter((name) => name.endsWith(".browser.ts"));
  await build({ ...shared, entryPoints: names.map((name) => `tests/${name}`), outdir });
}

const [task, folder] = process.argv.slice(2);
await (task === "--tests" ? tests() : task === "--browser" ? browser(folder) : page());
