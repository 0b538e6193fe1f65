import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { malformed } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { JSON_VALUES_MAX } from "../../core/limits.ts";
import { unsupportedMediaType } from "./errors.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** How long the body was. */
    bodyBytes: number;
  }
}

const JSON_TYPE = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/** Bodies are strict JSON in UTF-8 and nothing else; an empty one counts as none. */
export function acceptOnlyJson(fastify: FastifyInstance): void {
  fastify.decorateRequest("bodyBytes", 0);
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(
    "application/json",
    { parseAs: "buffer" },
    (request, body, done) => {
      try {
        const type = request.headers["content-type"];
        if (type !== "application/json" && !JSON_TYPE.test(type ?? "")) {
          throw unsupportedMediaType();
        }
        request.bodyBytes = body.length;
        done(null, readJson(body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) throw malformed({ reason: "It is not valid UTF-8." });
  return parseJson(body.toString("utf8"), JSON_VALUES_MAX);
}
