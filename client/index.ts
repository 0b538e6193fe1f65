export type {
  AnyApi,
  Api,
  Input,
  MethodName,
  Output,
  Push,
  State,
  SubscriptionInput,
  SubscriptionName,
} from "./api.ts";
export { CallError } from "./call-error.ts";
export {
  type CallOptions,
  type Client,
  type ConnectOptions,
  connect,
  type Handlers,
  type Subscribed,
} from "./client.ts";
export type { CloseInfo, Environment, SocketLike } from "./environment.ts";
export { callHttp, type HttpCallOptions } from "./http.ts";
export type { Status } from "./link.ts";
export type { Place } from "./subscription.ts";
