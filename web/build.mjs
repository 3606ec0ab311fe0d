/* Bundles scripts and styles into dist/ under hashed names, and writes dist/manifest.json for the templates' `asset()`.
 *
 * Every file in src/pages/ is a page's entry; shared code becomes chunks, so a module is one instance per page however
 * many of its entries load it. `--watch` builds again on every change.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const root = fileURLToPath(new URL(".", import.meta.url));
const dist = join(root, "dist");
const DAY = 24 * 60 * 60 * 1000;
const sheets = ["team", "gate", "candidate"].map((name) => `styles/${name}.css`);

/** The candidates' pages and the team's share chunks among themselves only: fewer and larger files for each. */
async function pages() {
  const names = (await readdir(join(root, "src/pages"))).filter((name) => name.endsWith(".ts")).sort();
  const ours = names.filter((name) => !name.startsWith("candidate-"));
  const theirs = names.filter((name) => name.startsWith("candidate-"));
  return [ours, theirs].map((group) => group.map((name) => `src/pages/${name}`)).filter((group) => group.length);
}

const common = {
  absWorkingDir: root,
  outdir: dist,
  bundle: true,
  minify: true,
  metafile: true,
  target: ["es2023", "chrome120", "firefox121", "safari17.5"],
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
  // The same client as it was written, not as browsers of ten years ago read it, and with our browsers' URLs: half the size.
  alias: { "tus-js-client": "tus-js-client/lib/browser/index.js", "url-parse": "./src/lib/url.ts" },
  logLevel: "warning",
};

/** The icons of icons/ as one SVG of symbols: `<use href="icons.svg#i-play">`. */
async function sprite() {
  const folder = join(root, "icons");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".svg")).sort();
  const symbols = await Promise.all(
    names.map(async (name) => {
      const text = (await readFile(join(folder, name), "utf8")).trim();
      return text
        .replace(/^<svg[^>]*>/, `<symbol id="i-${basename(name, ".svg")}" viewBox="0 0 16 16">`)
        .replace("</svg>", "</symbol>");
    }),
  );
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  const name = `icons-${createHash("sha256").update(text).digest("hex").slice(0, 8)}.svg`;
  await writeFile(join(dist, name), text);
  return name;
}

/** Copies static/ under hashed names. */
async function copies() {
  const folder = join(root, "static");
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
      const written = name.replace(/(?=\.[^.]+$)/, `-${hash}`);
      await writeFile(join(dist, written), bytes);
      return [name, written];
    }),
  );
}

/** "board.ts" -> "board.js", and the name it was written under. */
function outputs(metafile) {
  return Object.entries(metafile.outputs).flatMap(([path, output]) => {
    const file = basename(path);
    if (output.entryPoint) {
      return [[basename(output.entryPoint).replace(/\.ts$/, ".js"), file]];
    }
    return file.endsWith(".woff2") ? [[file.replace(/-[A-Z0-9]{8}(?=\.)/, ""), file]] : [];
  });
}

/** What runs beside a page; pages find it by its hashed name. */
async function worker() {
  const { metafile } = await esbuild.build({ ...common, entryPoints: ["src/workers/shelf.ts"], format: "iife" });
  return basename(Object.keys(metafile.outputs)[0]);
}

async function build() {
  await mkdir(dist, { recursive: true });
  const shelf = await worker();
  const define = { SHELF_WORKER: JSON.stringify(shelf) };
  const groups = (await pages()).map((entryPoints) =>
    esbuild.build({ ...common, entryPoints, format: "esm", splitting: true, define }),
  );
  const [icons, copied, ...results] = await Promise.all([
    sprite(),
    copies(),
    ...groups,
    esbuild.build({ ...common, entryPoints: ["src/early.ts"], format: "iife" }),
    esbuild.build({
      ...common,
      entryPoints: sheets.filter((path) => existsSync(join(root, path))),
      loader: { ".woff2": "file" },
    }),
  ]);
  const entries = results.flatMap((result) => outputs(result.metafile));
  const manifest = Object.fromEntries([...entries, ...copied, ["icons.svg", icons]].sort());
  const draft = join(dist, "manifest.json.new");
  await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(draft, join(dist, "manifest.json"));
  return [shelf, ...results.flatMap((result) => Object.keys(result.metafile.outputs).map((path) => basename(path)))];
}

/** Files of earlier builds go after a day: until then an open page or a running server may still ask for them. */
async function sweep(kept) {
  const keep = new Set([
    ...kept,
    "manifest.json",
    ...Object.values(JSON.parse(await readFile(join(dist, "manifest.json"), "utf8"))),
  ]);
  const stale = (await readdir(dist)).filter((name) => !keep.has(name));
  await Promise.all(
    stale.map(async (name) => {
      const { mtimeMs } = await stat(join(dist, name));
      if (Date.now() - mtimeMs > DAY) await rm(join(dist, name));
    }),
  );
}

if (process.argv.includes("--watch")) {
  const { watch } = await import("node:fs");
  await build();
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => build().catch((error) => console.error(error.message)), 80);
  };
  for (const folder of ["src", "styles", "icons", "static"]) {
    watch(join(root, folder), { recursive: true }, again);
  }
} else {
  await sweep(await build());
}
