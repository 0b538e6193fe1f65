import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";

export class BodyTooLarge extends Error {}

/** @throws BodyTooLarge as soon as that is known; Error when it breaks off or is no UTF-8 */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<string> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The rest of what is too long is left where it is, and the connection ends.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length;
    if (bytes > bytesMax) throw new BodyTooLarge();
    chunks.push(chunk as Buffer);
  }
  const body = Buffer.concat(chunks);
  if (!isUtf8(body)) throw new Error("The body is not UTF-8.");
  return body.toString("utf8");
}
