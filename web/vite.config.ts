import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The server to develop against: `ATRIUM_URL=http://127.0.0.1:7400 vite`.
const server = process.env.ATRIUM_URL ?? "http://127.0.0.1:7400";
const api = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // These know light-dark() and oklch(), so that the tokens reach the browser as they are written.
    target: ["chrome125", "firefox128", "safari18"],
    // A data: address would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
  },
  server: { proxy: { "/api": api, "^/p/[^/]+/api": api } },
});
