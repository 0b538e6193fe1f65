import { signal } from "@preact/signals";

/**
 * What the page says to people who do not see it. Two live regions take turns, so that the same
 * sentence is spoken again when it is said again.
 */
export const announcements = signal<readonly [string, string]>(["", ""]);
let turn = 0;

export function announce(text: string): void {
  turn = 1 - turn;
  announcements.value = turn === 0 ? [text, ""] : ["", text];
}

export type ToastKind = "plain" | "good" | "bad";

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: ToastKind;
  readonly action?: { readonly label: string; run(): void };
}

const TOASTS_MAX = 3;
const TOAST_MS = 7_000;

export const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Shows a sentence for a while, and speaks it. */
export function toast(text: string, kind: ToastKind = "plain", action?: Toast["action"]): void {
  lastId += 1;
  const id = lastId;
  const shown: Toast = action === undefined ? { id, text, kind } : { id, text, kind, action };
  toasts.value = [...toasts.value, shown].slice(-TOASTS_MAX);
  announce(text);
  setTimeout(() => dismiss(id), TOAST_MS);
}
