import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { test } from "node:test";
import { freePort } from "../../../test/support/own-server.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { RemoteUnavailable } from "../../core/remote.ts";
import { systemClock } from "../system/clock.ts";
import { openHttpRemote } from "./http.ts";

const QUESTION = { path: "/q", body: '{"a":"é"}', timeoutMs: 2_000, answerBytesMax: 1_000 };

async function listening<T extends Server | HttpServer>(server: T) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: async () => void server.close() };
}

/** A server that answers every connection's first bytes as it likes. */
function rude(answer: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => answer(socket));
  });
  return { server, end: () => sockets.forEach((socket) => void socket.destroy()) };
}

const remoteTo = (url: string, secret?: string) =>
  openHttpRemote({ url, secret, clock: systemClock });

test("a question is a POST with the secret, and its answer comes back as it is", async () => {
  const seen: unknown[] = [];
  const server = createHttpServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method, url, headers } = request;
    seen.push([method, url, headers["content-type"], headers.authorization, body]);
    response.writeHead(409).end('"ü"');
  });
  await using place = await listening(server);
  const remote = remoteTo(place.url, "secret");
  assert.deepEqual(await remote.ask(QUESTION), { status: 409, body: '"ü"' });
  assert.deepEqual(seen, [["POST", "/q", "application/json", "Bearer secret", QUESTION.body]]);
  remote.close();
});

test("connections are kept for the next question, and are few", async () => {
  let connections = 0;
  const server = createHttpServer((_request, response) => void response.end("{}"));
  server.on("connection", () => {
    connections += 1;
  });
  await using place = await listening(server);
  const remote = remoteTo(place.url);
  for (let count = 0; count < 5; count += 1) await remote.ask(QUESTION);
  assert.equal(connections, 1);
  await Promise.all(Array.from({ length: 100 }, () => remote.ask(QUESTION)));
  assert.ok(connections <= 16, `${connections} connections`);
  remote.close();
});

const HEAD = "HTTP/1.1 200 OK\r\n";
const MISBEHAVIOURS: Readonly<Record<string, (socket: Socket) => void>> = {
  "closes without a word": (socket) => socket.end(),
  "resets the connection": (socket) => socket.resetAndDestroy(),
  "speaks no HTTP": (socket) => socket.end("220 mail.example ESMTP\r\n"),
  "says nothing": () => {},
  "stops in the head": (socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-le"),
  "stops in the body": (socket) => socket.write(`${HEAD}content-length: 10\r\n\r\nhalf`),
  "breaks off in the body": (socket) => socket.end(`${HEAD}content-length: 10\r\n\r\nhalf`),
  "breaks off between chunks": (socket) =>
    socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`),
  "sends a chunk that is none": (socket) =>
    socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\nhalf\r\n`),
  "sends more than was asked for": (socket) =>
    socket.end(`${HEAD}content-length: 5000\r\n\r\n${"x".repeat(5_000)}`),
  "sends without an end": (socket) => {
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
    const more = () => {
      while (!socket.destroyed && socket.write(`400\r\n${"x".repeat(1_024)}\r\n`));
    };
    socket.on("drain", more);
    more();
  },
  "sends a head without an end": (socket) => socket.write(HEAD + "x: y\r\n".repeat(5_000)),
  "sends what is not UTF-8": (socket) =>
    socket.end(
      Buffer.concat([Buffer.from(`${HEAD}content-length: 2\r\n\r\n`), Buffer.of(0xc3, 0x28)]),
    ),
  "wants another protocol": (socket) =>
    socket.write("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
};
for (const [what, answer] of Object.entries(MISBEHAVIOURS)) {
  test(`a process that ${what} is unavailable, and its connection ends`, async () => {
    const { server, end } = rude(answer);
    await using place = await listening(server);
    const remote = remoteTo(place.url);
    await assert.rejects(remote.ask({ ...QUESTION, timeoutMs: 300 }), RemoteUnavailable);
    const connections = () =>
      new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
    await waitFor(async () => (await connections()) === 0, { what: "the connection has ended" });
    end();
    remote.close();
  });
}

test("where nobody listens nothing is waited for", async () => {
  const remote = remoteTo(`http://127.0.0.1:${await freePort()}`);
  await assert.rejects(remote.ask({ ...QUESTION, timeoutMs: 60_000 }), RemoteUnavailable);
  remote.close();
});

test("too many questions at once are turned away, and closing ends those under way", async () => {
  const { server, end } = rude(() => {});
  await using place = await listening(server);
  const remote = remoteTo(place.url);
  const asked = Array.from({ length: 300 }, () =>
    remote.ask(QUESTION).then(
      () => "answered",
      (error: Error) => error.message,
    ),
  );
  assert.equal(await asked[299], "Too much is asked.");
  remote.close();
  const answers = await Promise.all(asked);
  assert.equal(answers.filter((answer) => answer === "Too much is asked.").length, 44);
  assert.ok(!answers.includes("answered"));
  await assert.rejects(remote.ask(QUESTION), /was closed/);
  end();
});

test("a question that is wanted no longer ends at once, answered or not", async () => {
  for (const begun of ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"]) {
    const stopping = new AbortController();
    const server = createHttpServer((request, response) => {
      request.resume().once("end", () => {
        if (begun !== "") response.socket?.write(begun);
        setImmediate(() => stopping.abort());
      });
    });
    await using place = await listening(server);
    const remote = remoteTo(place.url);
    const question = { ...QUESTION, timeoutMs: 3_600_000, signal: stopping.signal };
    await assert.rejects(remote.ask(question), RemoteUnavailable);
    await assert.rejects(remote.ask(question), RemoteUnavailable);
    remote.close();
  }
});
