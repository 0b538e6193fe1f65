/** The part of a WebSocket that is used here; a browser's, Node's and that of `ws` all have it. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: CloseInfo) => void): void;
}

export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
}

/** What the client takes from the world around it; tests put in their own. */
export interface Environment {
  createSocket(url: string): SocketLike;
  /** Wall time in milliseconds since the epoch. */
  nowMs(): number;
  /** In [0, 1), for jitter. */
  random(): number;
  /** Runs once after the delay; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Calls when the machine may have been away: woken up, back on a network, tab shown again. */
  onWake(listener: () => void): () => void;
}

interface Listenable {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/** What a browser's window has and Node's global object has not. */
interface Page extends Listenable {
  readonly document?: Listenable & { readonly visibilityState?: string };
}

/** Browsers, and Node, which has no page to wake up. */
export const DEFAULT_ENVIRONMENT: Environment = {
  createSocket: (url) => new WebSocket(url),
  nowMs: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  onWake(listener) {
    const page: Page = globalThis as object;
    const { document } = page;
    const onShown = () => {
      if (document?.visibilityState === "visible") listener();
    };
    page.addEventListener?.("online", listener);
    document?.addEventListener?.("visibilitychange", onShown);
    return () => {
      page.removeEventListener?.("online", listener);
      document?.removeEventListener?.("visibilitychange", onShown);
    };
  },
};

/** A UUIDv4. `crypto.randomUUID` is missing on pages that were not loaded by https. */
export function newEid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, at) => {
    const marked = at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, "0");
  }).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const BACK_OFF_BASE_MS = 250;
const BACK_OFF_MS_MAX = 10_000;

/**
 * How long to wait before the next attempt: doubling, and each time somewhere in the upper half,
 * so that clients that lost the service together do not come back together.
 */
export function backOffMs(failures: number, random: number): number {
  const fullMs = Math.min(BACK_OFF_MS_MAX, BACK_OFF_BASE_MS * 2 ** Math.min(failures, 16));
  return fullMs * (0.5 + random / 2);
}
