import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { freshDatabase } from "../support/database.ts";
import { startServerProcess } from "../support/server-process.ts";
import { visit } from "../support/visitor.ts";

async function get(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, { redirect: "manual" });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe("stoa serve --only cinema", () => {
  it("is the cinema's own service: its paths and its socket at the root", async () => {
    await using place = await freshDatabase();
    await using server = await startServerProcess({
      dataFolder: place.dataFolder,
      databaseUrl: place.url,
      args: ["serve", "--only", "cinema"],
    });
    const { url } = server;
    const { body } = await get(url);
    const [first] = body["cinemas"] as Array<{ id: number }>;
    assert.ok(first !== undefined, "the demo's cinemas are at the root");
    assert.deepEqual((await get(`${url}/cinema`)).body, body);
    assert.deepEqual(await get(`${url}/${first.id}`), await get(`${url}/cinema/${first.id}`));
    assert.equal((await get(`${url}/bookings`)).status, 401);
    assert.equal((await get(`${url}/health`)).status, 200);
    const documented = (await get(`${url}/docs/openapi.json`)).body["paths"] as object;
    assert.ok("/screenings/{screeningId}" in documented);

    for (const path of ["", "/cinema"]) {
      using visitor = visit(() => `${url}${path}`);
      const { cinemas } = await visitor.client.call("cinema.list", {});
      assert.deepEqual(cinemas, body["cinemas"]);
    }
    assert.equal(await server.stop(), 0);
  });

  it("does not start for a module there is not, and says which there are", async () => {
    await using place = await freshDatabase();
    const starting = startServerProcess({
      dataFolder: place.dataFolder,
      databaseUrl: place.url,
      args: ["serve", "--only", "opera"],
    });
    await assert.rejects(starting, /--only.+expected one of .*cinema/s);
  });
});
