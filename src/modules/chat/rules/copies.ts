import type { StoaError } from "../../../core/errors.ts";
import {
  conversationBlocked,
  epochDiffers,
  keysStale,
  notReady,
  recipientsDiffer,
} from "../errors.ts";

/** One for whom a copy has to be made. What is sealed for his key begins with the prefix. */
export interface Keyed {
  readonly accountId: string;
  readonly keyVersion: number | null;
  readonly keyPrefix: string | null;
}

/** A message as it was given. */
export interface Given {
  /** The epoch that its sender knows. */
  readonly epoch: number;
  readonly messages: ReadonlyArray<{ readonly recipient: string; readonly content: string }>;
}

/** What it is held against. */
export interface Expected {
  readonly epoch: number;
  readonly blocked: boolean;
  readonly recipients: readonly Keyed[];
}

export interface CheckedCopy {
  readonly recipientId: string;
  readonly keyVersion: number;
  readonly content: string;
}

/**
 * Decides whether a message is exactly one ciphertext for each recipient's present key: the copies,
 * or what is wrong with them.
 */
export function checkCopies(given: Given, expected: Expected): CheckedCopy[] | StoaError {
  const { epoch, blocked, recipients } = expected;
  if (blocked) return conversationBlocked();
  const keyless = recipients.filter(({ keyPrefix }) => keyPrefix === null);
  if (keyless.length > 0) return notReady({ user_ids: idsOf(keyless) });

  const contents = new Map(given.messages.map(({ recipient, content }) => [recipient, content]));
  const missing = recipients.filter(({ accountId }) => !contents.has(accountId));
  const known = new Set(idsOf(recipients));
  const extra = [...contents.keys()].filter((id) => !known.has(id));
  if (missing.length > 0 || extra.length > 0) {
    return recipientsDiffer({ missing: idsOf(missing), extra, epoch });
  }
  if (given.epoch !== epoch) return epochDiffers({ epoch });

  const stale: string[] = [];
  const copies = recipients.map(({ accountId, keyVersion, keyPrefix }) => {
    const content = contents.get(accountId) ?? "";
    if (!content.startsWith(keyPrefix ?? "")) stale.push(accountId);
    return { recipientId: accountId, keyVersion: keyVersion ?? 0, content };
  });
  return stale.length > 0 ? keysStale({ stale }) : copies;
}

function idsOf(recipients: readonly Keyed[]): string[] {
  return recipients.map(({ accountId }) => accountId);
}
