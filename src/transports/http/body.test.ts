import assert from "node:assert/strict";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { post, send } from "../../../test/support/http-client.ts";
import { startHttp } from "../../../test/support/http-harness.ts";
import { tryModule } from "../../../test/support/try-module.ts";

const http = await startHttp({ modules: [tryModule] });
after(() => http[Symbol.asyncDispose]());
const JSON_TYPE = { "content-type": "application/json" };

const sendBody = (
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
  name = "try.echo",
) => send(`${http.url}/api/${name}`, { method: "POST", headers, body });

const REFUSED: ReadonlyArray<readonly [what: string, body: string | Buffer, code: string]> = [
  ["text that is not JSON", "{id: 1}", "MALFORMED"],
  ["JSON that breaks off", '{"id":', "MALFORMED"],
  ["two values", '{"id":1}{"id":2}', "MALFORMED"],
  ["a byte order mark", '\uFEFF{"id":1}', "MALFORMED"],
  [
    "bytes that are not UTF-8",
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    "MALFORMED",
  ],
  ["an overlong encoding", Buffer.from([0x22, 0xc0, 0xaf, 0x22]), "MALFORMED"],
  ["UTF-16", Buffer.from('{"id":1}', "utf16le"), "MALFORMED"],
  ["a key twice", '{"id":1,"id":2}', "MALFORMED"],
  ["a key twice, once escaped", '{"id":1,"\\u0069d":2}', "MALFORMED"],
  ["__proto__", '{"id":1,"__proto__":{"operator":true}}', "MALFORMED"],
  ["constructor", '{"id":1,"constructor":{"prototype":{}}}', "MALFORMED"],
  ["prototype keys deep inside", '{"id":1,"tags":[{"__proto__":1}]}', "MALFORMED"],
  ["an integer beyond 2^53", '{"id":9007199254740993}', "MALFORMED"],
  ["deep nesting", `${"[".repeat(5_000)}${"]".repeat(5_000)}`, "MALFORMED"],
  ["more values than any input has", `{"id":1,"tags":[${"0,".repeat(70_000)}0]}`, "MALFORMED"],
  ["an unknown field", '{"id":1,"operator":true}', "INVALID_INPUT"],
  ["a wrong type", '{"id":"1"}', "INVALID_INPUT"],
  ["a number out of range", '{"id":1001}', "INVALID_INPUT"],
  ["a list for an object", "[]", "INVALID_INPUT"],
  ["text for an object", '"id"', "INVALID_INPUT"],
  ["a number for an object", "1", "INVALID_INPUT"],
  ["nothing where something is needed", "", "INVALID_INPUT"],
  ["null where something is needed", "null", "INVALID_INPUT"],
];

for (const [what, body, code] of REFUSED) {
  test(`refused with ${code}: ${what}`, async () => {
    const answer = await sendBody(body);
    assert.equal(answer.status, 400);
    assert.equal((answer.json() as { code: string }).code, code);
  });
}

test("a list that is too long is refused before anybody looks at what is in it", async () => {
  const answer = await sendBody(`{"id":1,"tags":[${"0,".repeat(60_000)}0]}`);
  const { data } = answer.json() as { data: unknown };
  const { issues } = data as { issues: Array<{ path: unknown }> };
  assert.deepEqual(
    issues.map(({ path }) => path),
    [["tags"]],
  );
});

test("what was wrong is listed by path, and the received value is not repeated", async () => {
  const answer = await post(`${http.url}/api/try.echo`, {
    id: "canary-value",
    tags: [1, "x".repeat(21)],
  });
  const { data } = answer.json() as { data: { issues: Array<{ path: unknown[] }> } };
  assert.deepEqual(
    data.issues.map((issue) => issue.path),
    [["id"], ["tags", 0], ["tags", 1]],
  );
  assert.ok(!answer.text.includes("canary-value"));
});

test("only JSON in UTF-8 is taken", async () => {
  for (const type of [
    "application/json",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
    "Application/JSON ; Charset=UTF-8",
  ]) {
    assert.equal((await sendBody('{"id":1}', { "content-type": type })).status, 200, type);
  }
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=latin1",
    "application/json; charset=utf-8; charset=latin1",
    "application/jsonp",
    "application/csp-report",
    "application/json, text/plain",
    "json",
    "",
  ]) {
    const answer = await sendBody('{"id":1}', { "content-type": type });
    assert.equal(answer.status, 415, type);
    assert.equal((answer.json() as { code: string }).code, "UNSUPPORTED_MEDIA_TYPE");
  }
  const untyped = await sendBody('{"id":1}', {});
  assert.equal(untyped.status, 415);
});

test("a compressed body is not JSON", async () => {
  const packed = gzipSync('{"id":1}');
  const answer = await sendBody(packed, { ...JSON_TYPE, "content-encoding": "gzip" });
  assert.equal(answer.status, 400);
});

test("each operation has its limit, and the refusal can be read", async () => {
  const note = (bytes: number) => `{"id":1,"note":"${"x".repeat(bytes - 19)}"}`.padEnd(bytes);
  const limit = 256 * 1024;
  assert.equal((await sendBody(note(limit))).status, 200);
  for (const bytes of [limit + 1, 1_000_000, 20_000_000]) {
    const answer = await sendBody(note(bytes));
    assert.equal(answer.status, 413);
    const { code, data } = answer.json() as { code: string; data: { bytesMax: number } };
    assert.deepEqual([code, data.bytesMax], ["TOO_LARGE", limit]);
  }
  assert.equal((await sendBody(note(1_000_000), JSON_TYPE, "try.takeMuch")).status, 200);
  const tooMuch = await sendBody(note(4 * 1024 * 1024 + 1), JSON_TYPE, "try.takeMuch");
  assert.equal(tooMuch.status, 413);
});

test("a chunked body is measured as it arrives", async () => {
  const headers = { ...JSON_TYPE, "transfer-encoding": "chunked" };
  assert.equal((await sendBody('{"id":1}', headers)).status, 200);
  assert.equal((await sendBody(`{"id":1}${" ".repeat(300_000)}`, headers)).status, 413);
});
