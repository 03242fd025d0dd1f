// Builds the page into built/: one script, one stylesheet, no source maps, the same bytes each time.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "vite";

const LIBRARY = "slack-blocks-to-jsx/dist/";

/** The library, changed in two places.
 *
 * It gives every message the same DOM id and hangs its styles on it; a class does it too. And it
 * keeps Slack's names of emoji to itself.
 */
function changedLibrary() {
  return {
    name: "changed-library",
    enforce: "pre",
    transform(code, path) {
      const file = path.split("?")[0];
      if (file.includes(LIBRARY) && file.endsWith(".mjs")) {
        return givingEmoji(replaced(code, 'id:"slack_blocks_to_jsx",', ""));
      }
      if (file.includes(LIBRARY) && file.endsWith(".css")) {
        // :is() keeps the weight of the id in the selector, and with it the order of the rules.
        return replaced(
          code,
          "#slack_blocks_to_jsx",
          ":is(#slack_blocks_to_jsx,.slack_blocks_to_jsx)",
        );
      }
      return null;
    },
  };
}

function givingEmoji({ code, map }) {
  const name = /\bvar ([\w$]+)=\{100:"/.exec(code)?.[1];
  if (!name) throw new Error("The library's table of emoji has moved: look at its new version first.");
  return { code: `${code}\nexport { ${name} as slackEmoji };\n`, map };
}

function replaced(code, from, to) {
  if (!code.includes(from)) {
    throw new Error(`The library no longer contains ${from}: look at its new version first.`);
  }
  return { code: code.replaceAll(from, to), map: null };
}

/** The licences of everything that is bundled, as they want to be passed on. */
function licences() {
  return {
    name: "licences",
    generateBundle(_, bundle) {
      const folders = new Set();
      for (const part of Object.values(bundle)) {
        for (const id of Object.keys(part.modules ?? {})) {
          const folder = packageOf(id);
          if (folder) folders.add(folder);
        }
      }
      const texts = [...folders].map(licenceOf).sort();
      this.emitFile({ type: "asset", fileName: "licences.txt", source: texts.join("\n\n") });
    },
  };
}

function packageOf(id) {
  const path = id.replace(/^\0/, "").split("?")[0];
  if (!path.includes("node_modules/")) return null;
  for (let folder = dirname(path); folder.includes("node_modules/"); folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).version) return folder;
  }
  return null;
}

function licenceOf(folder) {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
  return `${about.name} ${about.version} (${about.license})\n\n${text}`.trim() + "\n";
}

export default defineConfig({
  base: "/assets/",
  plugins: [changedLibrary(), licences()],
  resolve: {
    alias: {
      "react/jsx-runtime": "preact/jsx-runtime",
      "react-dom": "preact/compat",
      react: "preact/compat",
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "built",
    assetsDir: "",
    emptyOutDir: true,
    sourcemap: false,
    modulePreload: false,
    cssCodeSplit: false,
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      output: { entryFileNames: "page.js", assetFileNames: "page[extname]" },
    },
  },
});
