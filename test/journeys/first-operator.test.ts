import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { callHttp } from "../../client/index.ts";
import { freshDatabase } from "../support/database.ts";
import { startServerProcess } from "../support/server-process.ts";

const ENTRY = path.join(import.meta.dirname, "../../bin/stoa.mjs");

describe("stoa admin", () => {
  it("prints a token that makes one account an operator, once", async () => {
    await using place = await freshDatabase();
    const { stdout } = await promisify(execFile)(process.execPath, [ENTRY, "admin"], {
      env: {
        PATH: process.env["PATH"] ?? "",
        NODE_ENV: "test",
        STOA_DATA: place.dataFolder,
        ...(place.url === undefined ? {} : { DATABASE_URL: place.url }),
      },
    });
    const token = stdout.trim();
    assert.match(token, /^[A-Za-z0-9_-]{43}$/);
    await using server = await startServerProcess({
      dataFolder: place.dataFolder,
      databaseUrl: place.url,
    });
    const password = "first row, on the left";
    const register = (username: string) =>
      callHttp(server.url, "auth.register", { username, password });
    const [first, second] = [await register("first"), await register("second")];
    const become = (bearer: string) =>
      callHttp(server.url, "auth.becomeOperator", { token }, { bearer });
    assert.equal((await become(first.token)).operator, true);
    await assert.rejects(become(second.token), { code: "OPERATOR_TOKEN_INVALID" });
  });
});
