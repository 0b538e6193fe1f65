import WebSocket from "ws";
import type { App } from "../../src/app.ts";
import { StoaError } from "../../src/core/errors.ts";
import type { Registry } from "../../src/core/registry.ts";
import type { RestRoute } from "../../src/core/rest.ts";

/** How a call ended, whatever carried it. */
export interface Outcome {
  /** `OK`, or the error's code. */
  readonly code: string;
  /** The answer, or the error's data. */
  readonly body: unknown;
}

/** One way to the same operations. */
export interface Way extends AsyncDisposable {
  readonly name: string;
  call(operation: string, input: unknown, token?: string, key?: string): Promise<Outcome>;
}

export interface Reach {
  readonly app: App;
  readonly url: string;
}

/** The ways that the conformance table is run over. */
export const WAYS: Readonly<Record<string, (reach: Reach) => Way>> = {
  "in-process": inProcess,
  "/api": overApi,
  REST: overRest,
  socket: overSocket,
};

function inProcess({ app }: Reach): Way {
  let requests = 0;
  return {
    name: "in-process",
    async call(name, input, token, repeatKey) {
      requests += 1;
      try {
        const body = await app.dispatch.call({
          name,
          input,
          inputBytes: JSON.stringify(input ?? {}).length,
          caller: {
            transport: "process",
            address: "127.0.0.1",
            userAgent: "conformance",
            credentials: { bearer: token },
          },
          requestId: `process-${requests}`,
          repeatKey,
        });
        return { code: "OK", body };
      } catch (error) {
        if (!(error instanceof StoaError)) throw error;
        return { code: error.code, body: error.data };
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

function overApi({ url }: Reach): Way {
  return {
    name: "/api",
    call: (name, input, token, key) =>
      request(`${url}/api/${name}`, "POST", input ?? {}, token, key),
    async [Symbol.asyncDispose]() {},
  };
}

function overRest({ app, url }: Reach): Way {
  const routes = new Map<string, { module: string; route: RestRoute }>();
  for (const { module, route } of app.registry.routes()) {
    // A document's own answer cannot be compared with those of the other ways.
    if (routes.has(route.method) || route.answer !== undefined) continue;
    routes.set(route.method, { module: module.name, route });
  }
  return {
    name: "REST",
    call(name, input, token, key) {
      const found = routes.get(name);
      // What no route leads to is unknown to REST as well; the path then names the operation.
      if (found === undefined) return request(`${url}/${name}`, "POST", input, token, key);
      const { path, query, body } = spread(found.route, input);
      const target = `${url}/${found.module}${path}${query}`;
      return request(target, found.route.verb, body, token, key);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Puts an input's fields where a REST route reads them: path, then query or body. */
function spread(route: RestRoute, input: unknown) {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    const path = route.path.replace(/:[A-Za-z_]+/g, "-");
    return { path, query: "", body: route.verb === "GET" ? undefined : input };
  }
  const rest: Record<string, unknown> = { ...input };
  const path = route.path.replace(/:([A-Za-z_]+)/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value ?? "-"));
  });
  if (route.verb !== "GET" && route.verb !== "DELETE") return { path, query: "", body: rest };
  const pairs = Object.entries(rest).map(([key, value]) => [key, String(value)]);
  const query = new URLSearchParams(pairs as [string, string][]).toString();
  return { path, query: query === "" ? "" : `?${query}`, body: undefined };
}

async function request(
  url: string,
  verb: string,
  body: unknown,
  token: string | undefined,
  key: string | undefined,
): Promise<Outcome> {
  const response = await fetch(url, {
    method: verb,
    redirect: "manual",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  if (response.ok) return { code: "OK", body: parsed };
  return { code: String(parsed["code"]), body: parsed["data"] };
}

interface Frame {
  readonly type: string;
  readonly eid: string;
  readonly data: Record<string, unknown>;
  readonly error?: string;
}

/** One socket a token: a socket's sign-in is that of its upgrade. */
function overSocket({ url }: Reach): Way {
  const sockets = new Map<string, Promise<WebSocket>>();
  const waiting = new Map<string, PromiseWithResolvers<Frame>>();
  let calls = 0;
  const dial = (token: string | undefined) =>
    new Promise<WebSocket>((resolve, reject) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const socket = new WebSocket(`${url.replace("http", "ws")}/socket`, { headers });
      socket.once("open", () => resolve(socket));
      socket.once("error", reject);
      socket.once("close", (code) => {
        sockets.delete(token ?? "");
        const lost = new Error(`The socket was closed with ${code} before the answer.`);
        for (const { reject } of waiting.values()) reject(lost);
      });
      socket.on("message", (bytes) => {
        const frame = JSON.parse(String(bytes)) as Frame;
        waiting.get(frame.eid)?.resolve(frame);
        waiting.delete(frame.eid);
      });
    });
  const send = async (token: string | undefined, frame: Omit<Frame, "error">) => {
    const open = sockets.get(token ?? "") ?? dial(token);
    sockets.set(token ?? "", open);
    const socket = await open;
    const answered = Promise.withResolvers<Frame>();
    waiting.set(frame.eid, answered);
    socket.send(JSON.stringify(frame));
    return answered.promise;
  };
  return {
    name: "socket",
    async call(type, data, token, key) {
      calls += 1;
      const eid = key ?? `call-${calls}`;
      const request = { type, data, eid, ts: key === undefined ? calls : 0 } as Frame;
      // A socket whose session has ended is closed, and the client comes back as nobody.
      const frame = await send(token, request).catch(() => send(token, request));
      if (frame.error === undefined) return { code: "OK", body: frame.data };
      const { message: _, retryAfterMs: __, requestId: ___, ...rest } = frame.data;
      return { code: frame.error, body: Object.keys(rest).length === 0 ? undefined : rest };
    },
    async [Symbol.asyncDispose]() {
      for (const open of sockets.values()) (await open).terminate();
    },
  };
}

/** Whether every method can be reached by REST as well. */
export function methodsWithoutRoute(registry: Registry): string[] {
  const routes = [...registry.routes()].filter(({ route }) => route.answer === undefined);
  const routed = new Set(routes.map(({ route }) => route.method));
  return [...registry.methods.keys()].filter((name) => !routed.has(name));
}
