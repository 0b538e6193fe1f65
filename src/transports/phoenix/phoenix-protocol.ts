import type { ChannelPresence } from "../../core/channel.ts";
import type { Presence } from "../../core/presence.ts";
import type { Registry } from "../../core/registry.ts";
import type { Streams } from "../../core/streams.ts";
import { pathOf } from "../websocket/handshake.ts";
import type { Protocol } from "../websocket/protocol.ts";
import { connectRefused } from "./errors.ts";
import { readCredentials, readVersion, SUBPROTOCOL } from "./handshake.ts";
import { FRAME_BYTES_MAX } from "./limits.ts";
import { PhoenixConnection } from "./phoenix-connection.ts";
import { Crowd } from "./shown.ts";
import { Topics } from "./topics.ts";

export interface PhoenixProtocolParts {
  readonly registry: Registry;
  readonly streams: Streams;
  readonly presence: Presence;
  /** The module that runs alone, and is at the root as well. */
  readonly only?: string | undefined;
}

/**
 * Phoenix Channels, for each module that has some, at `/<module>/socket/websocket`, as the official
 * client makes it of `/<module>/socket`. The protocol is described in `docs/protocol/phoenix.md`.
 */
export function phoenixProtocol(parts: PhoenixProtocolParts): Protocol {
  const { registry, streams, presence, only } = parts;
  const crowd = new Crowd();
  const places = new Map<string, Topics>();
  for (const module of registry.modules) {
    if (module.channels === undefined) continue;
    const topics = new Topics(module, registry);
    places.set(`/${module.name}/socket/websocket`, topics);
    if (module.name === only) places.set("/socket/websocket", topics);
  }
  const rules = [...registry.channels()].flatMap(({ channel }): ChannelPresence[] =>
    channel.presence === undefined ? [] : [channel.presence],
  );
  if (rules.length > 0) streams.onHeard((event) => crowd.heard(event, rules));
  return {
    name: "phoenix",
    paths: [...places.keys()],
    frameBytesMax: FRAME_BYTES_MAX,
    credentials(request) {
      readVersion(request);
      return readCredentials(request);
    },
    admit(actor) {
      if (actor.kind !== "person") throw connectRefused();
    },
    subprotocol: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : undefined),
    connect(peer, request, connectionParts) {
      const topics = places.get(pathOf(request));
      if (topics === undefined) throw new Error("A path is served without channels.");
      const shared = { topics, presence, crowd };
      return new PhoenixConnection(peer, readVersion(request), connectionParts, shared);
    },
  };
}
