import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Secret, TOTP } from "otpauth";
import WebSocket from "ws";
import { startTestApp, type TestApp } from "../support/app.ts";

/** The frames and the steps of document 001, as a client written for it sends and takes them. */

interface Frame {
  readonly type: string;
  readonly eid: string;
  readonly ts: number;
  readonly data: Record<string, unknown>;
  readonly error?: string;
}

/** A client that knows nothing but the document. */
class DocumentedClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (frame: Frame) => void>();
  readonly pushes: Frame[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (bytes) => {
      const frame = JSON.parse(String(bytes)) as Frame;
      const answer = this.#waiting.get(frame.eid);
      this.#waiting.delete(frame.eid);
      if (answer === undefined) this.pushes.push(frame);
      else answer(frame);
    });
  }

  static async open(url: string, cookie?: string): Promise<DocumentedClient> {
    const headers = cookie === undefined ? {} : { cookie };
    const socket = new WebSocket(`${url.replace("http", "ws")}/socket`, { headers });
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return new DocumentedClient(socket);
  }

  request(type: string, data: object): Promise<Frame> {
    const eid = crypto.randomUUID();
    return new Promise((resolve) => {
      this.#waiting.set(eid, resolve);
      this.#socket.send(JSON.stringify({ type, data, eid, ts: 1_234_567_890 }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
  }
}

/** What the authenticator app shows, so many steps of 30 s from now. */
function codeOf(secret: string, stepsAhead = 0): string {
  const timestamp = Date.now() + stepsAhead * 30_000;
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

/** The cookie that a token is exchanged for. */
async function cookieFor(url: string, token: unknown): Promise<string> {
  const response = await fetch(`${url}/auth/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  assert.equal(response.status, 200);
  const [cookie = ""] = response.headers.getSetCookie();
  assert.match(cookie, /HttpOnly/);
  return cookie.split(";")[0] ?? "";
}

describe("document 001", () => {
  let running: TestApp;
  before(async () => {
    running = await startTestApp();
  });
  after(() => running[Symbol.asyncDispose]());

  it("echoes type, eid and ts, and names errors in the envelope", async () => {
    await using client = await DocumentedClient.open(running.url);
    const found = await client.request("cinema.getOne", { id: 1 });
    assert.equal(found.type, "cinema.getOne");
    assert.equal(found.ts, 1_234_567_890);
    assert.equal(found.error, undefined);
    assert.equal(found.data["id"], 1);
    const missing = await client.request("cinema.getOne", { id: 999_999 });
    assert.equal(missing.error, "CINEMA_NOT_FOUND");
    assert.equal(typeof missing.data["message"], "string");
  });

  it("registers with a QR code, signs in with a code, and recreates the socket", async () => {
    const username = `john-${process.pid}`;
    await using stranger = await DocumentedClient.open(running.url);
    const started = await stranger.request("auth.start", { username });
    assert.equal(started.data["status"], "candidate");
    assert.match(String(started.data["qr_code"]), /^data:image\//);
    const secret = String(started.data["secret"]);
    const { challenge } = started.data;
    const registered = await stranger.request("auth.confirm", {
      username,
      code: codeOf(secret),
      challenge,
    });
    assert.equal(registered.error, undefined);
    assert.equal((registered.data["recoveryCodes"] as string[]).length, 10);
    const refused = await stranger.request("auth.me", {});
    assert.equal(refused.error, "UNAUTHENTICATED", "the socket stays the stranger it was");

    const cookie = await cookieFor(running.url, registered.data["token"]);
    await using john = await DocumentedClient.open(running.url, cookie);
    const me = await john.request("auth.me", {});
    assert.equal((me.data["account"] as { username: string }).username, username);

    const again = await stranger.request("auth.start", { username });
    assert.deepEqual(again.data, { status: "user" });
    const used = await stranger.request("auth.confirm", { username, code: codeOf(secret) });
    assert.equal(used.error, "INVALID_CODE", "a code is good once, that of the enrolment too");
    const signedIn = await stranger.request("auth.confirm", { username, code: codeOf(secret, 1) });
    assert.equal(typeof signedIn.data["token"], "string");
  });

  it("subscribes to a cinema and pushes under the eid of the request", async () => {
    await using client = await DocumentedClient.open(running.url);
    const subscribed = await client.request("cinema.subscribe", { cinemaId: 1 });
    assert.deepEqual(Object.keys(subscribed.data).toSorted(), [
      "epoch",
      "offset",
      "recovered",
      "state",
    ]);
    const ended = await client.request("cinema.unsubscribe", {});
    assert.equal(ended.error, "NOT_SUBSCRIBED", "another eid is another subscription");
  });

  it("takes an expired or forged cookie for none", async () => {
    await using client = await DocumentedClient.open(running.url, "stoa=forged-or-expired");
    assert.equal((await client.request("auth.me", {})).error, "UNAUTHENTICATED");
    assert.equal((await client.request("cinema.list", {})).error, undefined);
  });
});
