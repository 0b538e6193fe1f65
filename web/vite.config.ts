import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Where the server looks for the built web app. */
const OUTPUT = fileURLToPath(new URL("../dist/web", import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/app/",
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: ["chrome123", "safari17.5", "firefox128"],
    // The content security policy allows files of the service only, not data URLs or inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
