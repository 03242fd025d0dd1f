// Builds the page into built/: one script, one stylesheet, no source maps, the same bytes each time.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "vite";

const LIBRARY = "slack-blocks-to-jsx/dist/";

/** The library, changed in three places.
 *
 * It gives every message the same DOM id and hangs its styles on it; a class does it too. It
 * keeps Slack's names of emoji to itself. And it draws what stands below a chart on one line each,
 * one over the other where there are many.
 */
function changedLibrary() {
  return {
    name: "changed-library",
    enforce: "pre",
    transform(code, path) {
      const file = path.split("?")[0];
      if (file.includes(LIBRARY) && file.endsWith(".mjs")) {
        return wrappingLabels(givingEmoji(replaced(code, 'id:"slack_blocks_to_jsx",', "")));
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

const LABEL = 'fontSize:11,children:O},`x-${h}`)';

function wrappingLabels({ code }) {
  const lines = 'fontSize:11,children:linesOfLabel(String(O),n==="bar"?K(h):v(h),b,L)},`x-${h}`)';
  return { code: `${replaced(code, LABEL, lines).code}\n${linesOfLabel}\n`, map: null };
}

/** A label in as many lines as `room` asks for, three at most; it goes into the library as it is. */
function linesOfLabel(label, x, room, draw) {
  const most = Math.max(3, Math.floor(room / 6));
  const lines = [];
  for (const word of label.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines
    .slice(0, 3)
    .map((line, at) =>
      draw("tspan", { x, dy: at ? 12 : 0, children: line.length > most + 1 ? `${line.slice(0, most)}…` : line }, at),
    );
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
