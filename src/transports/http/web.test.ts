import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { exchange, send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";
import { loadWebFiles, WEB_FILES_MAX } from "./web-files.ts";

const SCRIPT = `console.log("${"stoa ".repeat(1_000)}");`;
const PAGE = "<!doctype html><title>Stoa</title>";
const folder = await mkdtemp(join(tmpdir(), "stoa-web-"));
await writeFile(join(folder, "secret.txt"), "beside the web folder");
const webFolder = join(folder, "web");
await mkdir(join(webFolder, "assets"), { recursive: true });
await writeFile(join(webFolder, "index.html"), PAGE);
await writeFile(join(webFolder, "favicon.svg"), "<svg/>");
await writeFile(join(webFolder, "assets", "main-3f2a91.js"), SCRIPT);
await writeFile(join(webFolder, "assets", "dot-1.png"), Buffer.alloc(5_000));
const http = await startHttp({ modules: [tryModule], config: { webFolder } });
after(async () => {
  await http[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
const app = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  send(`${http.url}/app${path}`, { headers });
const NAVIGATION = { "sec-fetch-mode": "navigate", accept: "text/html,*/*" };

test("/ leads to the web app", async () => {
  const { status, headers } = await send(`${http.url}/`);
  assert.deepEqual([status, headers["location"]], [302, "/app/"]);
});

test("the app's page is asked for again each time, its parts never", async () => {
  for (const path of ["", "/", "/index.html"]) {
    const { status, headers, text } = await app(path);
    assert.deepEqual([status, text], [200, PAGE]);
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    assert.equal(headers["cache-control"], "no-cache");
  }
  const script = await app("/assets/main-3f2a91.js");
  assert.equal(script.text, SCRIPT);
  assert.equal(script.headers["content-type"], "text/javascript; charset=utf-8");
  assert.equal(script.headers["cache-control"], "public, max-age=31536000, immutable");
  const icon = await app("/favicon.svg");
  assert.equal(icon.headers["content-type"], "image/svg+xml; charset=utf-8");
  assert.equal(icon.headers["cache-control"], "no-cache");
});

test("a page of the app is the app; a part that is not there is not", async () => {
  for (const path of ["/cinemas/1", "/screenings/018f4f6e/seats", "/cinemas/a.b"]) {
    assert.equal((await app(path, NAVIGATION)).text, PAGE);
    assert.equal((await app(path, { accept: "text/html" })).text, PAGE);
    assert.equal((await app(path, { accept: "*/*" })).status, 404);
  }
  const script = await app("/assets/gone-1.js", { "sec-fetch-mode": "no-cors", accept: "*/*" });
  assert.equal(script.status, 404);
});

test("what is known already is not sent again", async () => {
  const { etag = "" } = (await app("/")).headers;
  assert.match(etag, /^"[\w-]{22}"$/);
  for (const header of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await app("/", { "if-none-match": header });
    assert.deepEqual([again.status, again.text], [304, ""]);
    assert.equal(again.headers["etag"], etag);
  }
  assert.equal((await app("/", { "if-none-match": '"other"' })).status, 200);
});

test("text is sent in the best encoding the client takes", async () => {
  const encoded = async (accept: string, path = "/assets/main-3f2a91.js") => {
    const response = await fetch(`${http.url}/app${path}`, {
      headers: { "accept-encoding": accept },
    });
    assert.equal(
      await response.text().then((text) => (path.endsWith("js") ? text : SCRIPT)),
      SCRIPT,
    );
    assert.match(response.headers.get("vary") ?? "", /accept-encoding/);
    return response.headers.get("content-encoding");
  };
  assert.equal(await encoded("gzip, deflate, br"), "br");
  assert.equal(await encoded("gzip"), "gzip");
  assert.equal(await encoded("br;q=0, gzip;q=0.5"), "gzip");
  assert.equal(await encoded("identity"), null);
  assert.equal(await encoded("gzip, br", "/assets/dot-1.png"), null);
  const files = await loadWebFiles(webFolder);
  const file = files.get("assets/main-3f2a91.js");
  assert.ok(file?.br !== undefined && file.gzip !== undefined);
  assert.equal(brotliDecompressSync(file.br).toString(), SCRIPT);
  assert.equal(gunzipSync(file.gzip).toString(), SCRIPT);
});

test("caches keep the answers for other origins and encodings apart", async () => {
  const { headers } = await app("/", { origin: "https://evil.example" });
  assert.equal(headers["vary"], "origin, accept-encoding");
});

test("no path leads out of the folder", async () => {
  for (const path of [
    "/app/../secret.txt",
    "/app/..%2fsecret.txt",
    "/app/%2e%2e/secret.txt",
    "/app/assets/../../secret.txt",
    "/app/..%5csecret.txt",
    "/app//etc/passwd",
    "/app/%2fetc%2fpasswd",
    "/app/index.html%00.txt",
    "/app/__proto__",
    "/app/constructor",
  ]) {
    const answer = await exchange(
      http.port,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 (404|400) /, path);
    assert.ok(!answer.includes("beside the web folder"));
  }
});

test("without a built app the page says how to build it", async () => {
  const missing = join(folder, "nowhere");
  await using bare = await startHttp({ modules: [tryModule], config: { webFolder: missing } });
  const { status, headers, text } = await send(`${bare.url}/app/`);
  assert.equal(status, 404);
  assert.equal(headers["content-type"], "text/html; charset=utf-8");
  assert.match(text, /npm run web:build/);
  assert.match(text, /href="\/docs"/);
});

test("a folder that is not a web app is not loaded", async () => {
  const large = await mkdtemp(join(tmpdir(), "stoa-large-"));
  try {
    const names = Array.from({ length: WEB_FILES_MAX + 1 }, (_, at) => join(large, `${at}.txt`));
    await Promise.all(names.map((name) => writeFile(name, "")));
    await assert.rejects(loadWebFiles(large), /too many files or bytes/);
  } finally {
    await rm(large, { recursive: true });
  }
});
