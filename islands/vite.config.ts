import { copyFileSync, mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const design = resolve(here, "../src/luxe/web/design");
const dist = resolve(here, "../src/luxe/web/static/dist");
const packages = resolve(here, "node_modules");

/** The 3D viewer asks for these by folder address at run time, so they keep their names. */
const decoders: Record<string, string[]> = {
  draco: ["draco_decoder.js", "draco_decoder.wasm", "draco_wasm_wrapper.js"].map((file) =>
    join(packages, "three/examples/jsm/libs/draco/gltf", file),
  ),
  basis: ["basis_transcoder.js", "basis_transcoder.wasm"].map((file) =>
    join(packages, "three/examples/jsm/libs/basis", file),
  ),
  meshopt: [join(packages, "meshoptimizer/meshopt_decoder.cjs")],
};

function copyDecoders(): Plugin {
  return {
    name: "copy-decoders",
    closeBundle() {
      for (const [folder, files] of Object.entries(decoders)) {
        const target = join(dist, "decoders", folder);
        mkdirSync(target, { recursive: true });
        for (const file of files) copyFileSync(file, join(target, basename(file).replace(/\.cjs$/, ".js")));
      }
    },
  };
}

export default defineConfig({
  root: here,
  base: "/static/dist/",
  publicDir: false,
  resolve: {
    alias: [
      { find: "@fontsource-variable", replacement: join(packages, "@fontsource-variable") },
      { find: "@fontsource", replacement: join(packages, "@fontsource") },
    ],
  },
  plugins: [copyDecoders()],
  build: {
    outDir: dist,
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    chunkSizeWarningLimit: 1_200,
    rollupOptions: {
      input: [
        ...["house.ts", "office.ts", "reference.ts", "chinese.css", "arabic.css"].map((file) => join(here, "src", file)),
        ...["house.css", "office.css", "reference.css"].map((file) => join(design, "styles", file)),
      ],
    },
  },
});
