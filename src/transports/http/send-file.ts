import type { FastifyReply, FastifyRequest } from "fastify";
import type { WebFile } from "./web-files.ts";

export const IMMUTABLE = "public, max-age=31536000, immutable";
/** May be kept, and is asked for again each time. */
export const REVALIDATED = "no-cache";

/** Sends a file in the best encoding the client takes, or tells that its copy is still good. */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: WebFile,
  cacheControl: string,
): FastifyReply {
  reply.header("cache-control", cacheControl).header("etag", file.etag);
  const vary = reply.getHeader("vary");
  reply.header("vary", vary === undefined ? "accept-encoding" : `${vary}, accept-encoding`);
  if (holds(request.headers["if-none-match"], file.etag)) return reply.code(304).send();
  reply.type(file.type);
  const encoding = encodingOf(request.headers["accept-encoding"], file);
  if (encoding === undefined) return reply.send(file.identity);
  return reply.header("content-encoding", encoding).send(file[encoding]);
}

function encodingOf(accepted: string | undefined, file: WebFile): "br" | "gzip" | undefined {
  if (accepted === undefined) return undefined;
  const takes = (name: string) =>
    accepted.split(",").some((part) => {
      const [coding, weight] = part.trim().split(";");
      return coding?.trim() === name && !/^\s*q=0(\.0*)?\s*$/.test(weight ?? "");
    });
  if (file.br !== undefined && takes("br")) return "br";
  if (file.gzip !== undefined && takes("gzip")) return "gzip";
  return undefined;
}

function holds(header: string | undefined, etag: string): boolean {
  return header?.split(",").some((part) => part.trim().replace(/^W\//, "") === etag) ?? false;
}
