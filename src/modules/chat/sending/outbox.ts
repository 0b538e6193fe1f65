import { createHash } from "node:crypto";
import { StoaError } from "../../../core/errors.ts";
import type { Ids } from "../../../core/ids.ts";
import { conversationNotFound, messageDiffers } from "../errors.ts";
import { checkCopies, type Given } from "../rules/copies.ts";
import type { NewMessage, Sendable } from "../store/sending.ts";
import type { Sent } from "../types.ts";

/** A message that somebody wants to send. */
export interface Outgoing extends Given {
  readonly senderId: string;
  readonly conversation_id: string;
  readonly message_group: string;
  readonly commitment: string;
}

/** What becomes of it: it goes out, it went out before, or it is refused. */
export type Decision = { readonly message: NewMessage } | { readonly sent: Sent } | StoaError;

export interface OutboxParts {
  readonly ids: Ids;
  readonly nowMs: number;
}

/** Decides about one message after the other, as each was when the conversations were looked at. */
export class Outbox {
  readonly #sendable: ReadonlyMap<string, Sendable>;
  readonly #parts: OutboxParts;

  constructor(sendable: ReadonlyMap<string, Sendable>, parts: OutboxParts) {
    this.#sendable = sendable;
    this.#parts = parts;
  }

  decide(outgoing: Outgoing): Decision {
    const { senderId, conversation_id: id, message_group: group } = outgoing;
    const conversation = this.#sendable.get(id);
    const isMember = conversation?.members.some(({ accountId }) => accountId === senderId);
    if (conversation === undefined || !isMember) return conversationNotFound();

    const fingerprint = fingerprintOf(outgoing);
    const earlier = conversation.earlier.find((message) => message.group === group);
    if (earlier !== undefined) {
      const isSame = earlier.fingerprint === fingerprint;
      return isSame ? { sent: sentOf(id, earlier) } : messageDiffers();
    }
    const { members: recipients, epoch, blocked, disappearingSeconds } = conversation;
    const copies = checkCopies(outgoing, { epoch, blocked, recipients });
    if (copies instanceof StoaError) return copies;

    const { ids, nowMs } = this.#parts;
    const expiresAtMs = disappearingSeconds === null ? null : nowMs + disappearingSeconds * 1_000;
    const message: NewMessage = {
      conversationId: id,
      revision: conversation.revision,
      group,
      senderId,
      epoch,
      commitment: outgoing.commitment,
      fingerprint,
      insertedAt: new Date(nowMs),
      expiresAt: expiresAtMs === null ? null : new Date(expiresAtMs),
      copies: copies.map((copy) => ({ id: ids.uuid(), ...copy })),
    };
    return { message };
  }
}

export function sentOf(
  conversationId: string,
  message: {
    readonly group: string;
    readonly epoch: number;
    readonly sequence: number;
    readonly insertedAt: Date;
  },
): Sent {
  return {
    conversation_id: conversationId,
    message_group: message.group,
    epoch: message.epoch,
    edit: 0,
    sequence: message.sequence,
    inserted_at: message.insertedAt.toISOString(),
  };
}

/** Tells a repeat of a request from another one under the same id, in hex. */
function fingerprintOf({ senderId, epoch, commitment, messages }: Outgoing): string {
  const hash = createHash("sha256").update(`${senderId}\n${epoch}\n${commitment}\n`);
  const copies = messages.toSorted((a, b) => (a.recipient < b.recipient ? -1 : 1));
  for (const { recipient, content } of copies) hash.update(`${recipient} ${content}\n`);
  return hash.digest("hex");
}
