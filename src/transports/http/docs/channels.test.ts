import assert from "node:assert/strict";
import { after, test } from "node:test";
import specs from "@asyncapi/specs";
import { Ajv, type SchemaObject } from "ajv";
import addFormats from "ajv-formats";
import { send } from "../../../../test/support/http-client.ts";
import { startHttp } from "../../../../test/support/http-harness.ts";
import { createRoomModule } from "../../../../test/support/room-module.ts";
import { tryModule } from "../../../../test/support/try-module.ts";
import { createEventLog } from "../../../adapters/db/index.ts";

const room = createRoomModule({ eventLog: createEventLog() });
const http = await startHttp({ modules: [tryModule, room] });
after(() => http[Symbol.asyncDispose]());

test("the channels' AsyncAPI is valid, by the schema of its version, and so is the socket's", async () => {
  const checker = new Ajv({ strict: false, allErrors: true });
  addFormats.default(checker);
  const schema = specs.schemasWithoutId["3.1.0"] as SchemaObject;
  for (const name of ["asyncapi", "channels"]) {
    const document = (await send(`${http.url}/docs/${name}.json`)).json() as { asyncapi: string };
    assert.equal(document.asyncapi, "3.1.0");
    const valid = checker.validate(schema, document);
    assert.equal(valid, true, `${name}: ${JSON.stringify(checker.errors?.slice(0, 3))}`);
  }
});

test("every channel is in AsyncAPI, with what is asked and what is told there", async () => {
  const { channels, operations, components } = (
    await send(`${http.url}/docs/channels.json`)
  ).json() as {
    channels: Record<string, { address: string; parameters?: object }>;
    operations: Record<string, { action: string }>;
    components: { messages: Record<string, { payload: object }> };
  };
  assert.equal(channels["room.room.room"]?.address, "room:{room}");
  assert.equal(channels["room.lobby.all"]?.address, "lobby:all");
  const actions = Object.entries(operations).map(([name, { action }]) => `${action} ${name}`);
  for (const event of ["phx_join", "say", "leave", "wave", "draw", "fail"]) {
    assert.ok(actions.includes(`receive room.room.room.${event}`), event);
  }
  for (const event of ["said", "left", "waved", "drawn"]) {
    assert.ok(actions.includes(`send room.room.room.${event}.push`), event);
  }
  assert.ok(actions.includes("send room.lobby.all.presence_diff.push"));
  const fits = (message: string) =>
    new Ajv({ strict: false }).compile(components.messages[message]?.payload ?? {});
  const wave = fits("room.room.room.wave.request");
  assert.ok(wave(["3", "4", "room:1", "wave", { note: "hello" }]));
  assert.ok(!wave(["3", "4", "room:1", "wave", { note: "hello", room: "1" }]));
  const joined = fits("room.room.room.phx_join.reply");
  const place = { epoch: "e", offset: 1 };
  const answer = (response: object) => [
    "3",
    "3",
    "room:1",
    "phx_reply",
    { status: "ok", response },
  ];
  assert.ok(joined(answer({ said: 1, place, recovered: false })));
  const payload = { offset: 1, id: "i" };
  assert.ok(joined(answer({ events: [{ event: "said", payload }], place, recovered: true })));
  assert.ok(!joined(answer({ said: 1 })));
});

test("the page for people leads there where there are channels, and only there", async () => {
  const { text } = await send(`${http.url}/docs`);
  assert.ok(text.includes('href="/docs/channels.json"'));
  await using without = await startHttp({ modules: [tryModule] });
  assert.ok(!(await send(`${without.url}/docs`)).text.includes("channels.json"));
  assert.equal((await send(`${without.url}/docs/channels.json`)).status, 404);
});
