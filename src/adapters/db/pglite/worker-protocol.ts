/** Messages to the worker; it answers every `ask` in order, and `close` by ending. */
export type WorkerRequest =
  | { readonly kind: "ask"; readonly bytes: Uint8Array }
  | { readonly kind: "close" };

/** Messages from the worker. */
export type WorkerReply =
  | { readonly kind: "ready" }
  | { readonly kind: "answer"; readonly bytes: Uint8Array };
