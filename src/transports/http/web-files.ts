import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** What is served from memory is bounded: a folder with more is not a built web app. */
export const WEB_FILES_MAX = 500;
const WEB_BYTES_MAX = 32 * 1024 * 1024;

const COMPRESSED_BYTES_MIN = 1_024;
const BROTLI_QUALITY = 9;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".svg": "image/svg+xml; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".png": "image/png",
  ".webp": "image/webp",
  ".jpg": "image/jpeg",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/** A file in memory, in each encoding that makes it smaller. */
export interface WebFile {
  readonly type: string;
  readonly etag: string;
  readonly identity: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
}

/** Holds content for serving, compressed once. */
export async function webFile(name: string, identity: Buffer): Promise<WebFile> {
  const type = TYPES[extname(name)] ?? "application/octet-stream";
  const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
  const worthIt = type.includes("charset") && identity.length >= COMPRESSED_BYTES_MIN;
  const [br, gz] = worthIt
    ? await Promise.all([
        promisify(brotliCompress)(identity, {
          params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
        }),
        promisify(gzip)(identity),
      ])
    : [];
  return { type, etag, identity, br, gzip: gz };
}

/**
 * The files of a folder by their path in it, with forward slashes. Requests name entries of this
 * map and never a path on the disk. Empty when there is no such folder.
 *
 * @throws Error when it holds more than {@link WEB_FILES_MAX} files or {@link WEB_BYTES_MAX} bytes
 */
export async function loadWebFiles(folder: string): Promise<ReadonlyMap<string, WebFile>> {
  const files = new Map<string, WebFile>();
  let bytes = 0;
  for (const path of await filePaths(folder)) {
    const content = await readFile(path);
    bytes += content.length;
    if (files.size >= WEB_FILES_MAX || bytes > WEB_BYTES_MAX) {
      throw new Error(`${folder} holds more than a web app: too many files or bytes.`);
    }
    files.set(relative(folder, path).split(sep).join("/"), await webFile(path, content));
  }
  return files;
}

async function filePaths(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
