// Each file of src/entries is one entry: `{% script "map" %}` means src/entries/map.js, `{% stylesheet "map" %}` src/entries/map.css.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
const entries = readdirSync(`${here}src/entries`).filter((name) => /\.(js|css)$/.test(name)).map((name) => `src/entries/${name}`);

// The scale of minutes is one data file for page, map, table and document: scripts import it as "minutes", styles get --near … --beyond.
function minutes() {
  const file = fileURLToPath(new URL("../../report/minutes.csv", import.meta.url));
  const [head, ...rows] = readFileSync(file, "utf8").trim().split(/\r?\n/).map((line) => line.split(","));
  const classes = rows.map((row) => Object.fromEntries(head.map((name, k) => [name, row[k]])));
  return {
    name: "minutes",
    resolveId: (id) => (id === "minutes" ? "\0minutes" : null),
    load: (id) => (id === "\0minutes" ? `export default ${JSON.stringify(classes)}` : null),
    transform: (code, id) => (id.endsWith("/entries/base.css") ? `${code}\n:root{${classes.map((c) => `--${c.class}:${c.colour}`).join(";")}}` : null),
  };
}

export default defineConfig({
  root: here,
  base: "./",
  publicDir: false,
  plugins: [minutes()],
  build: {
    outDir: "../built/assets",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0, // the pages' policy wants files, and a file is cached
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200, // MapLibre; what a page may weigh in all is tested in tests/web/test_pages.py
    rollupOptions: {
      input: entries,
      checks: { eval: false }, // htmx has one, switched off in entries/staff.js
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        // MapLibre's worker comes as .mjs, which some servers call plain text
        assetFileNames: ({ names }) => (names[0]?.endsWith(".mjs") ? "[name]-[hash].js" : "[name]-[hash][extname]"),
      },
    },
  },
});
