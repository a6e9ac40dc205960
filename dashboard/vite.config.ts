import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { atlas } from "./tools/atlas.mjs";
import { preloadFont } from "./tools/preload.mjs";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Where `npm run dev` finds a running server, and the client whose headers it adds in place of a cookie.
const server = process.env.FOOTFALL_URL ?? "http://127.0.0.1:8000";
const client = process.env.FOOTFALL_CLIENT
  ? { "openpanel-client-id": process.env.FOOTFALL_CLIENT, "openpanel-client-secret": process.env.FOOTFALL_SECRET ?? "" }
  : {};
const proxied = ["/dashboard", "/insights", "/export", "/manage", "/api"];

export default defineConfig({
  plugins: [svelte(), atlas(), preloadFont()],
  resolve: { alias: { $lib: here("src/lib"), $components: here("src/components"), $charts: here("src/charts") } },
  build: {
    outDir: here("../src/footfall/data/dashboard"),
    emptyOutDir: true,
    target: ["chrome123", "edge123", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    // What several pages share is one file, not one for each set of pages that share it.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "base", test: /src\/(lib|components)|node_modules\/(svelte|@lucide)/, minShareCount: 2 }] } },
    },
  },
  server: {
    fs: { allow: [here("."), here("../src/footfall/data")] },
    proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, headers: client }])),
  },
});
