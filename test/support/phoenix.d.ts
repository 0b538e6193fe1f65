/** The official client of Phoenix Channels, as far as tests use it. */
declare module "phoenix" {
  export interface Push {
    receive(status: string, act: (response: never) => void): Push;
  }

  export class Channel {
    readonly topic: string;
    readonly state: string;
    join(timeoutMs?: number): Push;
    leave(): Push;
    push(event: string, payload: object, timeoutMs?: number): Push;
    on(event: string, act: (payload: never) => void): number;
    onClose(act: () => void): void;
    onError(act: (reason: unknown) => void): void;
  }

  export interface SocketOptions {
    readonly transport?: unknown;
    readonly params?: object | (() => object);
    readonly authToken?: string;
    readonly vsn?: string;
    readonly heartbeatIntervalMs?: number;
    readonly reconnectAfterMs?: (tries: number) => number;
    readonly rejoinAfterMs?: (tries: number) => number;
    readonly encode?: (message: object, done: (text: string) => void) => void;
    readonly decode?: (text: string, done: (message: object) => void) => void;
    readonly logger?: (kind: string, message: string, data: unknown) => void;
  }

  export class Socket {
    constructor(endPoint: string, options?: SocketOptions);
    connect(): void;
    disconnect(done?: () => void): void;
    channel(topic: string, params?: object | (() => object)): Channel;
    isConnected(): boolean;
    readonly conn: WebSocket | null;
    onOpen(act: () => void): void;
    onError(act: (error: unknown) => void): void;
    onClose(act: (event: { readonly code: number }) => void): void;
  }

  export class Presence {
    constructor(channel: Channel);
    readonly state: Readonly<Record<string, { readonly metas: readonly PresenceMeta[] }>>;
    onSync(act: () => void): void;
  }
  interface PresenceMeta {
    readonly phx_ref: string;
    readonly phx_ref_prev?: string;
  }
}

declare module "phoenix-1.8.0" {
  export * from "phoenix";
}
