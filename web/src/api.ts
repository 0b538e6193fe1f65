import { signal } from "@preact/signals";
import {
  CallError,
  callHttp,
  connect,
  type Handlers,
  type Input,
  type MethodName,
  type Output,
  type Push,
  type Status,
  type SubscriptionInput,
  type SubscriptionName,
} from "../../client/index.ts";

export { CallError, type Output, type Push };

/** How the connection to the service is; the banner and the pages that watch something follow. */
export const connection = signal<Status>("connecting");

const socketUrl = new URL("/socket", window.location.href);
socketUrl.protocol = socketUrl.protocol.replace("http", "ws");

const client = connect({ url: socketUrl.href });
client.onStatus((status) => {
  connection.value = status;
});

/** Calls a method over the socket; whoever aborts the signal waits no longer for the answer. */
export function call<Name extends MethodName>(
  name: Name,
  input: Input<Name>,
  signal?: AbortSignal,
): Promise<Output<Name>> {
  return client.call(name, input, signal === undefined ? {} : { signal });
}

/**
 * Calls a method over HTTP: what sets or clears the cookie, and what is larger than a frame of the
 * socket.
 */
export function post<Name extends MethodName>(
  name: Name,
  input: Input<Name>,
): Promise<Output<Name>> {
  return callHttp("", name, input);
}

/** Follows a subscription over every reconnect until the returned function is called. */
export function subscribe<Name extends SubscriptionName>(
  name: Name,
  input: SubscriptionInput<Name>,
  handlers: Handlers<Name>,
): () => void {
  const subscription = client.subscribe(name, input, handlers);
  return () => subscription.close();
}

/** Opens the socket anew, so that it carries the cookie of a sign-in or of none. */
export function reconnect(): void {
  client.reconnect();
}

/** A sentence to show for whatever was thrown. */
export function sentence(error: unknown): string {
  if (!(error instanceof CallError)) {
    return "Something went wrong on this page. Reload it and try again.";
  }
  const ask = CLIENT_SENTENCES[error.code];
  return ask ?? error.message;
}

/** What the client says when the service did not answer, with what to do about it. */
const CLIENT_SENTENCES: Readonly<Record<string, string>> = {
  TIMEOUT: "No answer came in time. Check your connection and try again.",
  DISCONNECTED: "The connection was lost. Check your network and try again.",
  CLOSED: "The connection has ended. Reload the page to go on.",
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof CallError ? error.code : undefined;
}

/** How long the service asks to wait before the same is asked again; undefined when it does not. */
export function patienceOf(error: unknown): number | undefined {
  return error instanceof CallError ? error.retryAfterMs : undefined;
}
