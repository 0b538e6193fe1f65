import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import { type CallError, callHttp, connect } from "../../client/index.ts";
import { startTestApp } from "../support/app.ts";
import { callWithin, newPersonOf, operatorOf, PERSON_PASSWORD } from "../support/in-process.ts";
import { createStage } from "../support/stage.ts";
import { watch } from "../support/visitor.ts";
import { waitFor } from "../support/wait-for.ts";

/** What a browser does with the session cookie, which no script of a page can see. */
class CookieJar {
  cookie: string | undefined;

  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  get headers(): Record<string, string> {
    const cookie: Record<string, string> = this.cookie === undefined ? {} : { cookie: this.cookie };
    return { ...cookie, origin: this.#origin, "sec-fetch-site": "same-origin" };
  }

  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.headers)) headers.set(name, value);
    const response = await fetch(url, { ...init, headers });
    const [stored] = response.headers.getSetCookie();
    const value = stored?.split(";")[0];
    if (value !== undefined) this.cookie = value.endsWith("=") ? undefined : value;
    return response;
  };
}

describe("a page", () => {
  it("signs in and out under a seat map that goes on, as nobody, as somebody, as nobody", async () => {
    await using running = await startTestApp();
    const { app, url } = running;
    const stage = await createStage(callWithin(app, (await operatorOf(app)).token));
    const { screeningId, seatIds } = stage;
    const { account } = await newPersonOf(app);
    const jar = new CookieJar(url);
    const client = connect({
      url: `${url.replace("http", "ws")}/socket`,
      createSocket: (to) => new WebSocket(to, { headers: jar.headers }),
    });
    using _ = { [Symbol.dispose]: () => client.close() };
    const view = watch(client, screeningId);
    await waitFor(() => view.states === 1, { what: "the seat map of a stranger" });
    assert.equal(view.you, null);
    const hold = () =>
      client.call("cinema.hold", { screeningId, seatIds: seatIds.slice(0, 1) }).then(
        () => "OK",
        (error: CallError) => error.code,
      );
    assert.equal(await hold(), "UNAUTHENTICATED");

    const credentials = { username: account.username ?? "", secret: PERSON_PASSWORD };
    await callHttp(url, "auth.login", credentials, { fetch: jar.fetch });
    assert.equal(await hold(), "UNAUTHENTICATED", "a socket stays whose it was");
    client.reconnect();
    await waitFor(() => view.states === 2, { what: "the seat map of a person" });
    assert.notEqual(view.you, null);
    assert.equal(await hold(), "OK");
    await waitFor(() => view.seats[seatIds[0] ?? ""]?.by === view.you, { what: "one's own hold" });

    const ended = new Promise<number>((resolve) => {
      client.onStatus((_status, why) => why !== undefined && resolve(why.code));
    });
    await callHttp(url, "auth.signOut", {}, { fetch: jar.fetch });
    assert.equal(jar.cookie, undefined, "signing out takes the cookie away");
    assert.equal(await ended, 3001, "and the socket, with a code to come back");
    await waitFor(() => view.states === 3, { what: "the seat map of a stranger again" });
    assert.equal(view.you, null);
    assert.equal(await hold(), "UNAUTHENTICATED");
    assert.equal(view.seats[seatIds[0] ?? ""]?.state, "held", "the hold is still theirs");
  });
});
