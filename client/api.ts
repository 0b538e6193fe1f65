import type { z } from "zod";
import type { ModuleWire } from "../src/core/schema.ts";
import type { authWire } from "../src/modules/auth/types.ts";
import type { chatWire } from "../src/modules/chat/types.ts";
import type { cinemaWire } from "../src/modules/cinema/types.ts";
import type { walletWire } from "../src/modules/wallet/types.ts";

/** Everything the service offers, by wire name. Types only: no schema reaches the browser. */
export type Api = typeof authWire & typeof chatWire & typeof cinemaWire & typeof walletWire;

/** Any wire contract; tests and other services bring their own. */
export type AnyApi = ModuleWire;

export type MethodName<A extends AnyApi = Api> = keyof A["methods"] & string;

export type Input<N extends MethodName<A>, A extends AnyApi = Api> = z.input<
  A["methods"][N]["input"]
>;
export type Output<N extends MethodName<A>, A extends AnyApi = Api> = z.output<
  A["methods"][N]["output"]
>;

export type SubscriptionName<A extends AnyApi = Api> = keyof A["subscriptions"] & string;

export type SubscriptionInput<N extends SubscriptionName<A>, A extends AnyApi = Api> = z.input<
  A["subscriptions"][N]["input"]
>;
export type State<N extends SubscriptionName<A>, A extends AnyApi = Api> = z.output<
  A["subscriptions"][N]["state"]
>;

type Events<N extends SubscriptionName<A>, A extends AnyApi> = A["subscriptions"][N]["events"] &
  (A["subscriptions"][N] extends { signals: infer Signals } ? Signals : unknown);

/**
 * A push as arguments: its wire name and its data. They are a union by name, so that
 * `type === "cinema.seats"` tells the compiler what `data` is.
 */
export type Push<N extends SubscriptionName<A>, A extends AnyApi = Api> = {
  [E in keyof Events<N, A> & string]: [type: E, data: z.output<Events<N, A>[E]>];
}[keyof Events<N, A> & string];
