import {
  type AnswerRemote,
  type Remote,
  type RemoteAnswer,
  RemoteUnavailable,
} from "../../../src/core/remote.ts";
import {
  createShardEndpoint,
  type EndpointParts,
} from "../../../src/modules/wallet/shard/remote-endpoint.ts";
import type { Dice } from "../engine/dice.ts";
import type { NodeLife } from "../engine/node.ts";
import type { Host } from "./host.ts";
import type { Network } from "./network.ts";
import type { WalletWorld } from "./world.ts";

/** How soon a process is started again whose start failed. */
const START_AGAIN_MS = 50;

/** A shard that answers texts, once its database has told it which one it is. */
export function answerTexts(life: NodeLife, parts: EndpointParts): AnswerRemote {
  let ready: AnswerRemote | undefined;
  const start = () => {
    createShardEndpoint(parts).then(
      (answer) => {
        ready = answer;
      },
      () => life.clock.after(START_AGAIN_MS, start),
    );
  };
  start();
  return (path, body) => {
    if (ready === undefined) return Promise.reject(new RemoteUnavailable("Nobody listens."));
    return ready(path, body);
  };
}

/** Carries texts from one life of a process to another machine; not all arrive as they were. */
export function createWire(
  { world, network }: { readonly world: WalletWorld; readonly network: Network },
  from: NodeLife,
  to: Host<{ readonly answer: AnswerRemote }>,
): Remote {
  const dice = world.dice.fork(`${from.name} to ${to.name}`);
  const isSpoilt = () => {
    const is = dice.chance(world.rates.netSpoilt);
    if (is) world.hasSpoilt = true;
    return is;
  };
  return {
    async ask({ path, body, timeoutMs, answerBytesMax }) {
      const answer = await network.ask({
        from,
        to,
        what: path,
        timeoutMs,
        act: (program) => program.answer(path, isSpoilt() ? cut(body, dice) : body),
        fail: (message) => new RemoteUnavailable(message),
      });
      if (answer.body.length > answerBytesMax) throw new RemoteUnavailable("It is too long.");
      return isSpoilt() ? spoil(answer, dice) : answer;
    },
    close() {},
  };
}

function cut(text: string, dice: Dice): string {
  return text.slice(0, dice.below(text.length));
}

/** What can become of an answer on its way, or be made up by what is in between. */
function spoil({ status, body }: RemoteAnswer, dice: Dice): RemoteAnswer {
  switch (dice.pick(["cut", "page", "busy", "conflict", "outcome", "place"] as const)) {
    case "cut":
      return { status, body: cut(body, dice) };
    case "page":
      return { status: dice.pick([200, 502]), body: "<html>Bad gateway</html>" };
    case "busy":
      return { status: 503, body };
    case "conflict":
      return { status: 409, body };
    case "outcome":
      return { status, body: without(body, (answer) => answer["outcomes"]?.pop()) };
    case "place":
      return { status, body: without(body, (answer) => delete answer["position"]) };
  }
}

function without(body: string, take: (answer: Record<string, unknown[]>) => void): string {
  const answer = JSON.parse(body) as Record<string, unknown[]>;
  take(answer);
  return JSON.stringify(answer);
}
