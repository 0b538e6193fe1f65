import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { SignJWT } from "jose";
import { Secret, TOTP } from "otpauth";
import { WebSocket } from "ws";
import type { Plan } from "../../src/modules/cinema/types.ts";
import { startTestApp, type TestApp } from "../support/app.ts";
import { send } from "../support/http-client.ts";
import { callWithin, newPersonOf, operatorOf } from "../support/in-process.ts";
import { createStage, type Stage } from "../support/stage.ts";
import { dumpState } from "../support/state-dump.ts";
import { waitFor } from "../support/wait-for.ts";
import { FuzzLine, type ServerFrame } from "./fuzz-line.ts";
import { assertNoLeak } from "./leaks.ts";
import { assertSentence, type Refusal, refusal, type Sent } from "./refusals.ts";

/**
 * Input that nobody should send, to the whole server: each is met with its code and a sentence,
 * nothing is changed, nothing leaks, and the server goes on. What each layer does with more of it
 * is in the tests beside the layers.
 */

const UNKNOWN = "01890000-0000-7000-8000-000000000000";
const HALL_BYTES_MAX = 4 * 1024 * 1024;

let running: TestApp;
let stage: Stage;
let tokens: { person: string; other: string; operator: string };
/** Of the other person. */
let bookingId: string;

before(async () => {
  running = await startTestApp();
  const { app } = running;
  const sessions = [await newPersonOf(app), await newPersonOf(app), await operatorOf(app)] as const;
  const [person, other, operator] = sessions.map(({ token }) => token) as [string, string, string];
  tokens = { person, other, operator };
  stage = await createStage(callWithin(app, operator));
  const { screeningId, seatIds } = stage;
  const asOther = callWithin(app, other);
  await asOther("cinema.hold", { screeningId, seatIds: seatIds.slice(0, 2) });
  bookingId = (await asOther("cinema.book", { screeningId })).id;
  await callWithin(app, person)("cinema.hold", { screeningId, seatIds: seatIds.slice(2, 4) });
  const inFlight = async () =>
    (await callWithin(app, operator)("wallet.inFlight", {})).transactions.length;
  const isQuiet = async () => (await inFlight()) === 0;
  await waitFor(isQuiet, { what: "the money of the demo has arrived" });
});
after(() => running?.[Symbol.asyncDispose]());

/** Whatever happens in there: what is stored stays as it is, and the server lives. */
async function changingNothing(run: () => Promise<void>): Promise<void> {
  const stored = await dumpState(running.app.work);
  assert.ok(stored["cinema_taken_seats"]?.length, "there is something to lose");
  await run();
  assert.deepEqual(await dumpState(running.app.work), stored);
  assert.equal((await send(`${running.url}/health`)).status, 200);
}

/** As the person, unless the request says otherwise. */
const refused = (path: string, { token = tokens.person, ...sent }: Sent): Promise<Refusal> =>
  refusal(`${running.url}${path}`, { ...sent, token });
const call = (name: string, input: unknown, token?: string) =>
  refused(`/api/${name}`, { body: JSON.stringify(input), token });
const hold = (more: object = {}) =>
  JSON.stringify({ screeningId: stage.screeningId, seatIds: [stage.seatIds[5]], ...more });

describe("bodies", () => {
  const json = () => hold();
  const typed = (type: string) => ({ body: hold(), headers: { "content-type": type } });
  const UNSUPPORTED = "UNSUPPORTED_MEDIA_TYPE";
  const cases: ReadonlyArray<
    readonly [what: string, sent: () => Sent, status: number, code: string]
  > = [
    ["no JSON", () => ({ body: "seatIds=A1" }), 400, "MALFORMED"],
    ["half of it", () => ({ body: json().slice(0, -3) }), 400, "MALFORMED"],
    ["a key twice", () => ({ body: `{"seatIds":["A1"],${json().slice(1)}` }), 400, "MALFORMED"],
    ["__proto__", () => ({ body: `{"__proto__":{},${json().slice(1)}` }), 400, "MALFORMED"],
    ["constructor", () => ({ body: `{"constructor":{},${json().slice(1)}` }), 400, "MALFORMED"],
    ["not UTF-8", () => ({ body: Buffer.from([0x7b, 0xff, 0x7d]) }), 400, "MALFORMED"],
    ["a list", () => ({ body: `[${json()}]` }), 400, "INVALID_INPUT"],
    ["a wrong type", () => ({ body: hold({ seatIds: "A1" }) }), 400, "INVALID_INPUT"],
    ["an unknown field", () => ({ body: hold({ price: 0 }) }), 400, "INVALID_INPUT"],
    ["nothing", () => ({ body: "" }), 400, "INVALID_INPUT"],
    ["too much", () => ({ body: hold({ more: "x".repeat(300_000) }) }), 413, "TOO_LARGE"],
    ["a form", () => typed("application/x-www-form-urlencoded"), 415, UNSUPPORTED],
    ["text", () => typed("text/plain"), 415, UNSUPPORTED],
    ["another charset", () => typed("application/json; charset=utf-16"), 415, UNSUPPORTED],
    ["compressed", () => ({ body: gzipSync(json()) }), 400, "MALFORMED"],
  ];

  it("are refused over /api and REST alike, and nothing is held", () =>
    changingNothing(async () => {
      for (const [what, sent, status, code] of cases) {
        const rest = `/cinema/screenings/${stage.screeningId}/hold`;
        const answers = [await refused("/api/cinema.hold", sent()), await refused(rest, sent())];
        for (const answer of answers) {
          // Merging makes MALFORMED of a body that is no object.
          const isSame = answer.code === code || (what === "a list" && answer.code === "MALFORMED");
          assert.ok(isSame, `${what} ended with ${answer.code}`);
          assert.equal(answer.status, status, what);
        }
      }
    }));

  it("of another person's or of no operation do nothing", () =>
    changingNothing(async () => {
      for (const name of ["cinema.burn", "cinema", "toString", "__proto__", "auth.x%00"]) {
        const { code } = await refused(`/api/${name}`, { body: "{}" });
        assert.ok(["METHOD_NOT_FOUND", "PATH_NOT_FOUND"].includes(code), `${name}: ${code}`);
      }
      assert.equal((await call("cinema.watch", {})).code, "SOCKET_ONLY");
      assert.equal((await refused("/api/cinema.hold", { verb: "PUT" })).status, 405);
      assert.equal((await call("cinema.cancelBooking", { bookingId })).code, "BOOKING_NOT_FOUND");
      const path = `/cinema/bookings/${bookingId}`;
      assert.equal((await refused(path, { verb: "DELETE" })).code, "BOOKING_NOT_FOUND");
    }));
});

describe("ids out of range", () => {
  it("are refused, or unknown, and never a failure", () =>
    changingNothing(async () => {
      for (const id of [0, -1, 2 ** 31, 1.5, "1", null, 1e21, [1]]) {
        const { code } = await call("cinema.getOne", { id });
        assert.ok(["INVALID_INPUT", "MALFORMED"].includes(code), `${id}: ${code}`);
      }
      assert.equal((await call("cinema.getOne", { id: 2 ** 31 - 1 })).code, "CINEMA_NOT_FOUND");
      for (const id of ["0", "-1", "2147483648", "9007199254740993", "1e3", "0x1", "%00", "1;--"]) {
        assert.equal((await refused(`/cinema/${id}`, { verb: "GET" })).code, "INVALID_INPUT", id);
      }
      for (const screeningId of [
        "1",
        UNKNOWN.replace("0000", "ABCD"),
        `${UNKNOWN}0`,
        "x'--",
        "\u0000",
      ]) {
        assert.equal((await call("cinema.getScreening", { screeningId })).code, "INVALID_INPUT");
      }
      const nowhere = { screeningId: UNKNOWN, seatIds: ["A1"] };
      assert.equal((await call("cinema.hold", nowhere)).code, "SCREENING_NOT_FOUND");
      const seats = { screeningId: stage.screeningId, seatIds: ["Z99"] };
      assert.equal((await call("cinema.hold", seats)).code, "SEAT_UNKNOWN");
    }));
});

describe("tokens", () => {
  /** The claims of a real token, signed anew. */
  async function signed(
    change: object,
    secret = running.config.secrets.tokenSecret,
    alg = "HS256",
  ) {
    const payload: unknown = JSON.parse(
      Buffer.from(tokens.person.split(".")[1] ?? "", "base64url").toString(),
    );
    const claims = { ...(payload as object), ...change };
    return new SignJWT(claims).setProtectedHeader({ alg, typ: "at+jwt" }).sign(secret);
  }
  const unsigned = (token: string) => {
    const header = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt" })).toString(
      "base64url",
    );
    return `${header}.${token.split(".")[1]}.`;
  };
  async function revokedToken(): Promise<string> {
    const { token } = await newPersonOf(running.app);
    await callWithin(running.app, token)("auth.signOut", {});
    return token;
  }

  it("that are expired, forged, revoked or nonsense sign nobody in, over /api and the socket", async () => {
    const nowS = Math.floor(Date.now() / 1_000);
    const bad: Readonly<Record<string, string>> = {
      expired: await signed({ exp: nowS - 1 }),
      "not yet valid": await signed({ nbf: nowS + 600 }),
      "signed by somebody else": await signed({}, new Uint8Array(32).fill(7)),
      "with another algorithm": await signed({}, new Uint8Array(64).fill(1), "HS512"),
      unsigned: unsigned(tokens.person),
      "for another person": await signed({ sub: UNKNOWN }),
      "of another epoch": await signed({ epoch: 7 }),
      revoked: await revokedToken(),
      "cut short": tokens.person.slice(0, -2),
      nonsense: "x".repeat(200),
    };
    const right = await signed({});
    const good = await send(`${running.url}/api/auth.me`, {
      method: "POST",
      headers: { authorization: `Bearer ${right}` },
    });
    assert.equal(good.status, 200, "a token that is changed in nothing is taken");
    await changingNothing(async () => {
      for (const [what, token] of Object.entries(bad)) {
        const { code, status } = await refused("/api/cinema.hold", { body: hold(), token });
        assert.deepEqual([code, status], ["UNAUTHENTICATED", 401], what);
        const line = new FuzzLine(running.url, token, () => false);
        const frame = { type: "cinema.hold", data: JSON.parse(hold()), eid: "1", ts: 1 };
        const answer = (await line.ask(JSON.stringify(frame))) as ServerFrame;
        assert.equal(answer.error, "UNAUTHENTICATED", `${what}, over the socket`);
        line.close();
      }
      const exchanged = await call("auth.session", { token: bad["expired"] }, "");
      assert.equal(exchanged.code, "ACCESS_TOKEN_INVALID");
      for (const authorization of ["Basic YTpi", "Bearer", "Bearer a b", `${tokens.person}`]) {
        const sent = { body: hold(), token: "", headers: { authorization } };
        assert.equal((await refused("/api/cinema.hold", sent)).code, "MALFORMED", authorization);
      }
    });
  });

  it("that are revoked while a socket is open close it, with a code to come back", async () => {
    const { token } = await newPersonOf(running.app);
    const socket = await dial({ authorization: `Bearer ${token}` });
    const closed = new Promise<number>((resolve) => socket.once("close", resolve));
    await callWithin(running.app, token)("auth.signOutEverywhere", {});
    assert.equal(await closed, 3001);
  });
});

function dial(headers: Readonly<Record<string, string>>): Promise<WebSocket> {
  const socket = new WebSocket(`${running.url.replace("http", "ws")}/socket`, { headers });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });
}

describe("codes", () => {
  it("work once, and guessing them is slowed down until it is pointless", async () => {
    const username = `guessed-${process.pid}`;
    const start = callWithin(running.app);
    const started = await start("auth.start", { username });
    assert.ok(started.status === "candidate");
    const { secret, challenge } = started;
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    await start("auth.confirm", { username, code, challenge });
    await changingNothing(async () => {
      const again = await call("auth.confirm", { username, code }, "");
      assert.deepEqual([again.code, again.status], ["INVALID_CODE", 401]);
      const ends: string[] = [];
      for (let guess = 0; guess < 10; guess += 1) {
        const guessed = String(guess).repeat(6);
        const { code: end, body } = await call("auth.confirm", { username, code: guessed }, "");
        ends.push(end);
        if (end === "TOO_MANY_ATTEMPTS") assert.ok(Number(body["retryAfterMs"]) > 0);
      }
      assert.equal(ends[0], "INVALID_CODE");
      assert.equal(ends.at(-1), "TOO_MANY_ATTEMPTS");
    });
  });
});

describe("pages of other sites", () => {
  it("get nowhere with somebody's cookie, over /api, REST and the socket", async () => {
    const { token } = await newPersonOf(running.app);
    const session = await send(`${running.url}/auth/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    const cookie = String(session.headers["set-cookie"]).split(";")[0] ?? "";
    assert.match(cookie, /^stoa=.{20,}/);
    const sent = { body: hold(), token: "", headers: { cookie, origin: "https://evil.example" } };
    await changingNothing(async () => {
      for (const path of ["/api/cinema.hold", `/cinema/screenings/${stage.screeningId}/hold`]) {
        const { code, status } = await refused(path, sent);
        assert.deepEqual([code, status], ["FOREIGN_ORIGIN", 403], path);
      }
      await assert.rejects(dial(sent.headers), /403/);
    });
    const own = await dial({ cookie, origin: running.url });
    own.terminate();
  });
});

describe("frames", () => {
  it("that are none, or ask for what there is not, are answered, and change nothing", () =>
    changingNothing(async () => {
      const line = new FuzzLine(running.url, tokens.person, () => false);
      const frame = (data: unknown, type = "cinema.hold") =>
        JSON.stringify({ type, data, eid: "1", ts: 1 });
      const seats = JSON.parse(hold());
      const cases: ReadonlyArray<readonly [text: string, code: string]> = [
        ["hold A1", "MALFORMED"],
        [frame(seats).slice(0, -2), "MALFORMED"],
        [`[${frame(seats)}]`, "MALFORMED"],
        [frame(seats).replace('"ts":1', '"ts":"now"'), "MALFORMED"],
        [frame(seats).replace("{", '{"__proto__":{},'), "MALFORMED"],
        [frame(seats).replace("{", '{"type":"cinema.book",'), "MALFORMED"],
        [frame({ ...seats, price: 0 }), "INVALID_INPUT"],
        [frame({ ...seats, seatIds: [1] }), "INVALID_INPUT"],
        [frame([seats]), "INVALID_INPUT"],
        [frame(seats, "cinema.burn"), "METHOD_NOT_FOUND"],
        [frame(seats, "constructor"), "METHOD_NOT_FOUND"],
        [frame({}, "cinema.unwatch"), "NOT_SUBSCRIBED"],
        [frame({ screeningId: UNKNOWN }, "cinema.watch"), "SCREENING_NOT_FOUND"],
        [frame({ cinemaId: 2 ** 31 }, "cinema.subscribe"), "INVALID_INPUT"],
      ];
      for (const [text, code] of cases) {
        const answer = (await line.ask(text)) as ServerFrame;
        assert.equal(answer.error, code, text);
        assertSentence(answer.data["message"], text);
        assertNoLeak(JSON.stringify(answer.data), text);
      }
      assert.equal(await line.ask(frame({ ...seats, more: "x".repeat(70_000) })), 1009);
      line.close();
    }));
});

describe("a hall's file", () => {
  const row = (label: string, count: number, y: number) => ({
    label,
    seats: Array.from({ length: count }, (_, at) => ({
      id: `${label}-${at}`,
      x: at,
      y,
      category: "standard",
    })),
  });
  const plan = (rows: Plan["sections"][number]["rows"]): Plan => ({
    screen: { x: 0, y: 0, width: 10 },
    categories: [{ id: "standard", name: "Standard" }],
    sections: [{ name: "Stalls", rows }],
  });
  const save = (content: unknown, id?: string) => {
    const { cinemaId } = stage;
    return call("cinema.saveHall", { id, cinemaId, name: "Two", plan: content }, tokens.operator);
  };
  const problems = ({ body }: Refusal) =>
    (body["data"] as { problems: Array<{ problem: string; message: string }> }).problems;

  it("with a label twice, or seats on one spot, is refused with every place that is wrong", () =>
    changingNothing(async () => {
      const twice = await save(plan([row("A", 3, 1), row("A", 2, 2)]));
      assert.deepEqual([twice.code, twice.status], ["PLAN_INVALID", 400]);
      const found = problems(twice).map(({ problem }) => problem);
      assert.deepEqual(found, ["duplicate_row", "duplicate_seat", "duplicate_seat"]);
      for (const { message } of problems(twice)) assertSentence(message, message);
      const overlapping = await save(plan([row("A", 3, 1), row("B", 3, 1)]));
      assert.equal(problems(overlapping)[0]?.problem, "overlapping_seats");
    }));

  it("that lacks seats is refused: rows of none by its form, those that are sold by name", () =>
    changingNothing(async () => {
      assert.equal((await save(plan([row("A", 0, 1)]))).code, "INVALID_INPUT");
      assert.equal((await save(plan([]))).code, "INVALID_INPUT");
      const { hallId, screeningId, seatIds } = stage;
      const lacking = await save(plan([row("A", 3, 1)]), hallId);
      assert.deepEqual([lacking.code, lacking.status], ["PLAN_IN_USE", 409]);
      const { screenings } = lacking.body["data"] as {
        screenings: Array<{ screeningId: string; seatIds: string[] }>;
      };
      const lost = screenings.map((one) => [one.screeningId, one.seatIds.toSorted()]);
      assert.deepEqual(lost, [[screeningId, seatIds.slice(0, 4)]]);
    }));

  it("of a hundred thousand seats is refused in no time, by its bytes or by its count", () =>
    changingNothing(async () => {
      const startedMs = performance.now();
      const rows = (count: number) =>
        Array.from({ length: count / 500 }, (_, at) => row(`R${at}`, 500, at));
      const whole = await save(plan(rows(100_000)));
      assert.deepEqual([whole.code, whole.status], ["TOO_LARGE", 413]);
      assert.equal((whole.body["data"] as { bytesMax: number }).bytesMax, HALL_BYTES_MAX);
      const many = await save(plan(rows(60_000)));
      assert.deepEqual([many.code, many.status], ["MALFORMED", 400]);
      const fitting = await save(plan(rows(10_000)));
      assert.equal(fitting.code, "PLAN_INVALID");
      assert.match(problems(fitting)[0]?.message ?? "", /10000 seats; 5000 are the most/);
      assert.ok(performance.now() - startedMs < 10_000, "it kept nobody waiting");
    }));

  it("of somebody who is no operator is not even looked at", () =>
    changingNothing(async () => {
      const { cinemaId } = stage;
      const hall = { cinemaId, name: "Two", plan: plan([row("A", 3, 1)]) };
      assert.equal((await call("cinema.saveHall", hall)).code, "FORBIDDEN");
      assert.equal((await call("cinema.saveHall", hall, "")).code, "UNAUTHENTICATED");
    }));
});
