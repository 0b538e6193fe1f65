import { readFile } from "node:fs/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { HttpParts } from "../parts.ts";
import { REVALIDATED, sendFile } from "../send-file.ts";
import type { HttpServer } from "../server.ts";
import { type WebFile, webFile } from "../web-files.ts";
import { asyncApi } from "./asyncapi.ts";
import { channelsApi } from "./channels.ts";
import { openApi } from "./openapi.ts";
import { referencePage } from "./reference-page.ts";

const LOCAL_URL = "http://127.0.0.1:8080";

/** `/docs`: the reference for people, OpenAPI, AsyncAPI by protocol, of all that runs here. */
export function registerDocs(server: HttpServer, parts: HttpParts): void {
  const { registry, config, socketErrors = [] } = parts;
  const options = () => ({
    socketErrors,
    only: config.only,
    publicUrl: config.publicUrl ?? listeningUrl(server),
    cookieName: server.cookie.name,
  });
  serve(server, "/docs", "docs.html", () => referencePage(registry, options()));
  serve(server, "/docs/openapi.json", "openapi.json", () =>
    JSON.stringify(openApi(registry, options())),
  );
  serve(server, "/docs/asyncapi.json", "asyncapi.json", () =>
    JSON.stringify(asyncApi(registry, options())),
  );
  if (registry.modules.some(({ channels }) => channels !== undefined)) {
    serve(server, "/docs/channels.json", "channels.json", () =>
      JSON.stringify(channelsApi(registry, options())),
    );
  }
  serve(server, "/docs/style.css", "style.css", () =>
    readFile(new URL("./style.css", import.meta.url), "utf8"),
  );
}

function listeningUrl({ fastify }: HttpServer): string {
  return fastify.server.listening ? fastify.listeningOrigin : LOCAL_URL;
}

/** Serves what is made when it is first asked for, and then kept. */
function serve(
  { fastify, asPage }: HttpServer,
  path: string,
  name: string,
  make: () => string | Promise<string>,
): void {
  let made: Promise<WebFile> | undefined;
  const file = async () => webFile(name, Buffer.from(await make()));
  fastify.get(path, asPage, async (request: FastifyRequest, reply: FastifyReply) => {
    made ??= file();
    return sendFile(request, reply, await made, REVALIDATED);
  });
}
