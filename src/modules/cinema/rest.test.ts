import assert from "node:assert/strict";
import { test } from "node:test";
import { rest } from "./rest.ts";
import { cinemaWire } from "./types.ts";

const REQUESTS: ReadonlyArray<{
  readonly verb: string;
  readonly path: string;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly input: object;
}> = [
  { verb: "GET", path: "/:id", params: { id: "1" }, input: { id: 1 } },
  { verb: "GET", path: "/:id", params: { id: "one" }, input: { id: "one" } },
  {
    verb: "PUT",
    path: "/:id",
    params: { id: "1" },
    body: { id: 2, name: "Roxy" },
    input: { id: 1, name: "Roxy" },
  },
  {
    verb: "GET",
    path: "/:cinemaId/report",
    params: { cinemaId: "1" },
    query: { fromMs: "5", toMs: "soon", more: "x" },
    input: { cinemaId: 1, fromMs: 5, toMs: "soon", more: "x" },
  },
  {
    verb: "GET",
    path: "/screenings/:screeningId/best",
    params: { screeningId: "s" },
    query: { count: "2", category: "standard" },
    input: { screeningId: "s", count: 2, category: "standard" },
  },
  {
    verb: "DELETE",
    path: "/screenings/:screeningId/hold",
    params: { screeningId: "s" },
    query: { seatIds: "A1,A 2" },
    input: { screeningId: "s", seatIds: ["A1", "A 2"] },
  },
  {
    verb: "DELETE",
    path: "/screenings/:screeningId/hold",
    params: { screeningId: "s" },
    input: { screeningId: "s" },
  },
  { verb: "GET", path: "/bookings", query: { limit: "5" }, input: { limit: 5 } },
  { verb: "GET", path: "/bookings", input: {} },
];

test("every method has a path, and no path is there twice", () => {
  const reached = new Set(rest.map(({ method }) => method));
  assert.deepEqual([...reached].sort(), Object.keys(cinemaWire.methods).sort());
  const paths = rest.map(({ verb, path }) => `${verb} ${path}`);
  assert.equal(new Set(paths).size, paths.length);
});

for (const { verb, path, params = {}, query = {}, body, input } of REQUESTS) {
  test(`${verb} ${path} makes ${JSON.stringify(input)}`, () => {
    const route = rest.find((candidate) => candidate.verb === verb && candidate.path === path);
    assert.deepEqual(route?.input?.({ params, query, body }), input);
  });
}
