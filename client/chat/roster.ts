import { keyFromBase64Url, toBase64Url } from "./bytes.ts";
import { importPublicKey } from "./hpke.ts";
import type { Identity } from "./identity.ts";
import { type KeyRing, keyIdOf } from "./key-ring.ts";
import type { Recipient } from "./message-codec.ts";
import type { PinBook } from "./pins.ts";
import { ChatRefusal } from "./refusals.ts";
import type { Member, MemberList } from "./server-port.ts";
import { keyStatement } from "./transcripts.ts";

/** Members of a conversation. */
export const MEMBERS_MAX = 100;

/** What a device remembers of the members, for its storage; keys are base64url. */
export interface RosterState {
  readonly epoch: number;
  readonly userIds: readonly string[];
  /** The newest key seen of each person who was ever a member. */
  readonly keys: Readonly<Record<string, { readonly version: number; readonly publicKey: string }>>;
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
  readonly #imported = new Map<string, Promise<CryptoKey>>();
  #state: RosterState;
  #recipients: readonly Recipient[] = [];

  constructor(conversation: string, user: string, pins: PinBook, state: RosterState = NOBODY) {
    this.#conversation = conversation;
    this.#user = user;
    this.#pins = pins;
    this.#state = state;
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  /** Whom a message is for; empty until a list was taken. */
  get recipients(): readonly Recipient[] {
    return this.#recipients;
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
    const recipients = await Promise.all(members.map((member) => this.#check(member, ownKeys)));
    const keys = { ...this.#state.keys };
    for (const { user_id, key_version, public_key } of members) {
      keys[user_id] = { version: key_version, publicKey: public_key ?? "" };
    }
    this.#state = { epoch, userIds, keys };
    this.#recipients = recipients;
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

  async #check(member: Member, ownKeys: KeyRing): Promise<Recipient> {
    const { user_id: userId, identity_public_key, public_key, key_version, signature } = member;
    this.#pins.check(userId, identity_public_key);
    if (public_key === null) throw new ChatRefusal("KEYS_MISSING", { userId });
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
    const keyId = keyIdOf(publicKey);
    return { userId, keyVersion: key_version, keyId, publicKey: await this.#import(public_key) };
  }

  /** WebCrypto takes each key in once, however often the members are listed. */
  #import(publicText: string): Promise<CryptoKey> {
    const known = this.#imported.get(publicText);
    if (known !== undefined) return known;
    const imported = importPublicKey(keyFromBase64Url(publicText, 32));
    this.#imported.set(publicText, imported);
    return imported;
  }
}
