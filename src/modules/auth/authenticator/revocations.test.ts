import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createManualClock } from "../../../../test/support/manual-clock.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { createLog } from "../../../adapters/log/pino.ts";
import type { OpenRequest, Stream, Streams } from "../../../core/streams.ts";
import { Revocations } from "./revocations.ts";

const ACCOUNT = "01a1fdfa-4600-7009-a985-00925a72ada2";

/** Streams that a test breaks and mends. */
function brokenStreams() {
  const requests: OpenRequest[] = [];
  const state = { isDown: false, missed: 0 };
  const open = async (request: OpenRequest): Promise<Stream> => {
    if (state.isDown) throw new Error("no database");
    requests.push(request);
    const offset = (request.since?.offset ?? 0) + state.missed;
    const position = { epoch: "e", offset };
    const missed = Array.from({ length: state.missed }, (_, index) => ({
      topic: request.topic,
      type: "auth.revoked",
      offset: offset - state.missed + index + 1,
      data: { accountId: ACCOUNT },
    }));
    state.missed = 0;
    const opened =
      request.since === undefined
        ? ({ position, recovered: false, state: null } as const)
        : ({ position, recovered: true, missed } as const);
    return { opened, start: () => {}, close: () => {} };
  };
  return { requests, state, streams: { open } as unknown as Streams };
}

describe("revocations", () => {
  test("a lost stream is opened again from where it stood; deaf until then", async () => {
    const clock = createManualClock(0);
    const { requests, state, streams } = brokenStreams();
    const heard: string[] = [];
    const revocations = new Revocations(
      { streams, clock, log: createLog({ level: "silent" }) },
      {
        revoked: ({ accountId }) => heard.push(accountId),
        rightsChanged: () => heard.push("rights"),
        deaf: () => heard.push("deaf"),
        hearing: () => heard.push("hearing"),
      },
    );
    await revocations.open();
    const first = requests[0];
    first?.sink.push({
      topic: first.topic,
      type: "auth.rightsChanged",
      offset: 7,
      data: { accountId: ACCOUNT },
    });
    state.isDown = true;
    first?.sink.lost();
    assert.deepEqual(heard, ["hearing", "rights", "deaf"]);
    await waitFor(() => clock.pending() === 1, { what: "it waits before it tries again" });
    state.isDown = false;
    state.missed = 2;
    clock.advance(1_000);
    await waitFor(() => heard.length === 6, { what: "it hears again" });
    assert.deepEqual(requests[1]?.since, { epoch: "e", offset: 7 });
    assert.deepEqual(heard.slice(3), [ACCOUNT, ACCOUNT, "hearing"]);
    revocations.close();
  });
});
