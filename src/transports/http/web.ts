import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import { pathNotFound } from "./errors.ts";
import { page } from "./page.ts";
import { IMMUTABLE, REVALIDATED, sendFile } from "./send-file.ts";
import type { HttpServer } from "./server.ts";
import { loadWebFiles, type WebFile } from "./web-files.ts";

/** Vite puts a hash of the content into the names of what it writes here. */
const HASHED_FOLDER = "assets/";
const INDEX = "index.html";

/**
 * The web app under `/app/`, from memory. Every path of the app that a browser navigates to gets
 * `index.html`: which page it is, the app finds out itself. The files are read when the server
 * starts.
 */
export function registerWeb({ fastify, asPage }: HttpServer, folder: string | undefined): void {
  fastify.register((scope, _options, done) => {
    const files = folder === undefined ? Promise.resolve(NO_FILES) : loadWebFiles(folder);
    files.then((loaded) => serveWeb(scope, asPage, loaded)).then(() => done(), done);
  });
}

const NO_FILES: ReadonlyMap<string, WebFile> = new Map();

function serveWeb(
  fastify: FastifyInstance,
  asPage: RouteShorthandOptions,
  files: ReadonlyMap<string, WebFile>,
): void {
  const index = files.get(INDEX);
  const serve = (request: FastifyRequest, reply: FastifyReply, name: string) => {
    const file = files.get(name);
    if (file !== undefined) {
      const hashed = name.startsWith(HASHED_FOLDER);
      return sendFile(request, reply, file, hashed ? IMMUTABLE : REVALIDATED);
    }
    if (name !== INDEX && !isNavigation(request)) throw pathNotFound();
    if (index !== undefined) return sendFile(request, reply, index, REVALIDATED);
    return reply.code(404).type("text/html; charset=utf-8").send(NOT_BUILT);
  };
  // A module that is served alone may have a route of its own there.
  if (!fastify.hasRoute({ method: "GET", url: "/" })) {
    fastify.get("/", (_request, reply) => reply.redirect("/app/", 302));
  }
  fastify.get("/app", asPage, (request, reply) => serve(request, reply, INDEX));
  fastify.get<{ Params: { "*": string } }>("/app/*", asPage, (request, reply) =>
    serve(request, reply, request.params["*"] || INDEX),
  );
}

/** Somebody opens a page, rather than a page loading a part of itself. */
function isNavigation(request: FastifyRequest): boolean {
  const mode = request.headers["sec-fetch-mode"];
  if (mode !== undefined) return mode === "navigate";
  return request.headers.accept?.includes("text/html") ?? false;
}

const NOT_BUILT = page({
  title: "Stoa is running",
  body: `<main>
    <h1>Stoa is running</h1>
    <p>The web app has not been built yet. Build it, then start again:</p>
    <pre><code>npm run web:build</code></pre>
    <p>Everything else works: <a href="/docs">what can be called</a>.</p>
  </main>`,
});
