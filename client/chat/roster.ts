import { keyFromBase64Url, toBase64Url } from "./bytes.ts";
import { importPublicKey } from "./hpke.ts";
import type { Identity } from "./identity.ts";
import { type KeyRing, keyIdOf } from "./key-ring.ts";
import type { Recipient } from "./message-codec.ts";
import type { PinBook } from "./pins.ts";
import type { WebKey } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import type { Member, MemberList } from "./server-port.ts";
import { keyStatement } from "./transcripts.ts";

/** Members of a conversation. */
export const MEMBERS_MAX = 100;

/** A member whom messages are made for. */
export interface RosterMember extends Recipient {
  /** Messages of earlier epochs are none of his. */
  readonly joinedEpoch: number;
}

/** What a device remembers of the members, for its storage; keys are base64url. */
export interface RosterState {
  readonly epoch: number;
  readonly userIds: readonly string[];
  /** The newest key seen of each person who was ever a member. */
  readonly keys: Readonly<Record<string, KnownKey>>;
}

interface KnownKey {
  readonly version: number;
  readonly publicKey: string;
  readonly joinedEpoch: number;
}

const NOBODY: RosterState = { epoch: 0, userIds: [], keys: {} };

/** Signs a conversation key with its version, as members' lists carry it: base64url, 64 bytes. */
export function signKey(
  identity: Identity,
  conversation: string,
  user: string,
  version: number,
  publicKey: Uint8Array,
): string {
  return toBase64Url(identity.sign(keyStatement(conversation, user, version, publicKey)));
}

/**
 * The members of a conversation, as far as their keys are proven. The service says who they are;
 * each key is taken only with the signature of an identity that was accepted at this device.
 */
export class Roster {
  readonly #conversation: string;
  readonly #user: string;
  readonly #pins: PinBook;
  readonly #imported = new Map<string, Promise<WebKey>>();
  #state: RosterState;
  #members: readonly RosterMember[] = [];

  constructor(conversation: string, user: string, pins: PinBook, state: RosterState = NOBODY) {
    this.#conversation = conversation;
    this.#user = user;
    this.#pins = pins;
    this.#state = state;
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  /** Whom a message of this epoch is for; empty until a list was taken. */
  recipientsSince(epoch: number): readonly Recipient[] {
    return this.#members.filter(({ joinedEpoch }) => joinedEpoch <= epoch);
  }

  /** The newest version of somebody's key that was seen, 0 before any. */
  versionOf(user: string): number {
    return this.#state.keys[user]?.version ?? 0;
  }

  /**
   * Takes the service's list of members, whole or not at all.
   *
   * @throws ChatRefusal EPOCH_WRONG, MEMBERS_TOO_MANY, MEMBER_REPEATED, MEMBERS_CHANGED,
   *   NOT_A_MEMBER, KEYS_MISSING, MEMBER_NOT_PINNED, IDENTITY_CHANGED, KEY_UNSIGNED,
   *   KEY_SIGNATURE_WRONG, KEY_VERSION_LOWERED, KEY_VERSION_REPEATED, OWN_KEY_REPLACED, KEY_INVALID
   */
  async take({ epoch, members }: MemberList, ownKeys: KeyRing): Promise<void> {
    const userIds = members.map(({ user_id }) => user_id).sort();
    this.#checkSet(epoch, userIds);
    const checked = await Promise.all(members.map((member) => this.#check(member, ownKeys)));
    const known = checked.map(({ userId, keyVersion: version, publicText, joinedEpoch }) => {
      return [userId, { version, publicKey: publicText, joinedEpoch }] as const;
    });
    this.#state = { epoch, userIds, keys: { ...this.#state.keys, ...Object.fromEntries(known) } };
    this.#members = checked;
    for (const text of this.#imported.keys()) {
      if (!members.some(({ public_key }) => public_key === text)) this.#imported.delete(text);
    }
  }

  export(): RosterState {
    return this.#state;
  }

  #checkSet(epoch: number, userIds: readonly string[]): void {
    if (userIds.length > MEMBERS_MAX) throw new ChatRefusal("MEMBERS_TOO_MANY");
    if (new Set(userIds).size < userIds.length) throw new ChatRefusal("MEMBER_REPEATED");
    if (epoch < this.#state.epoch) throw new ChatRefusal("EPOCH_WRONG");
    if (epoch === this.#state.epoch && userIds.join() !== this.#state.userIds.join()) {
      throw new ChatRefusal("MEMBERS_CHANGED");
    }
    if (!userIds.includes(this.#user)) throw new ChatRefusal("NOT_A_MEMBER");
  }

  async #check(member: Member, ownKeys: KeyRing) {
    const { user_id: userId, identity_public_key, public_key, key_version, signature } = member;
    if (identity_public_key === null || public_key === null || key_version === null) {
      throw new ChatRefusal("KEYS_MISSING", { userId });
    }
    this.#pins.check(userId, identity_public_key);
    const publicKey = keyFromBase64Url(public_key, 32);
    if (signature === null || signature === "") throw new ChatRefusal("KEY_UNSIGNED", { userId });
    const statement = keyStatement(this.#conversation, userId, key_version, publicKey);
    const verify = await this.#pins.verifier(userId);
    if (!(await verify(keyFromBase64Url(signature, 64), statement))) {
      throw new ChatRefusal("KEY_SIGNATURE_WRONG", { userId });
    }
    const known = this.#state.keys[userId];
    if (known !== undefined && key_version < known.version) {
      throw new ChatRefusal("KEY_VERSION_LOWERED", { userId });
    }
    if (key_version === known?.version && public_key !== known.publicKey) {
      throw new ChatRefusal("KEY_VERSION_REPEATED", { userId });
    }
    if (userId === this.#user && !ownKeys.has(public_key)) {
      throw new ChatRefusal("OWN_KEY_REPLACED", { userId });
    }
    const joinedEpoch = member.joined_epoch;
    if (joinedEpoch < (known?.joinedEpoch ?? 0)) throw new ChatRefusal("EPOCH_WRONG", { userId });
    return {
      userId,
      joinedEpoch,
      keyVersion: key_version,
      keyId: keyIdOf(publicKey),
      publicText: public_key,
      publicKey: await this.#import(public_key),
    };
  }

  /** WebCrypto takes each key in once, however often the members are listed. */
  #import(publicText: string): Promise<WebKey> {
    const known = this.#imported.get(publicText);
    if (known !== undefined) return known;
    const imported = importPublicKey(keyFromBase64Url(publicText, 32));
    this.#imported.set(publicText, imported);
    return imported;
  }
}
