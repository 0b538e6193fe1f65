import type { Body, Statement } from "../../../client/chat/body.ts";
import { keyFromBase64Url } from "../../../client/chat/bytes.ts";
import { NO_LINK } from "../../../client/chat/chain.ts";
import { importPublicKey } from "../../../client/chat/hpke.ts";
import type { Identity } from "../../../client/chat/identity.ts";
import { keyIdOf } from "../../../client/chat/key-ring.ts";
import { type OpenedCopy, sealMessage } from "../../../client/chat/message-codec.ts";
import type { IncomingMessage } from "../../../client/chat/server-port.ts";
import type { ChatRoom, Person } from "./chat-room.ts";

/** What a copy is to claim; everything can be a lie. */
export interface Forgery {
  readonly to: Person;
  /** Who signs it. */
  readonly identity: Identity;
  readonly sender: string;
  readonly body: Body;
  readonly group?: string;
  readonly prevHash?: Statement["prevHash"];
  readonly edit?: number;
  readonly epoch?: number;
  readonly conversation?: string;
}

/** Makes a copy, which everybody can who knows the recipient's public key, which is no secret. */
export async function forge(
  room: ChatRoom,
  forgery: Forgery,
): Promise<{ readonly copy: IncomingMessage; readonly opened: OpenedCopy }> {
  const { to, identity, sender, body } = forgery;
  const member = room.server.members.get(to.user)!;
  const publicKey = keyFromBase64Url(member.public_key ?? "", 32);
  const keyVersion = member.key_version ?? 0;
  const recipient = {
    userId: to.user,
    keyVersion,
    keyId: keyIdOf(publicKey),
    publicKey: await importPublicKey(publicKey),
  };
  const place = {
    conversation: forgery.conversation ?? room.server.conversation,
    messageGroup: forgery.group ?? crypto.randomUUID(),
    sender,
    epoch: forgery.epoch ?? room.server.epoch,
    edit: forgery.edit ?? 0,
  };
  const statement = { body, prevHash: forgery.prevHash ?? NO_LINK, fadesAfterS: 0 };
  const { copies, opened } = await sealMessage(place, statement, identity, [recipient]);
  const copy = {
    conversation: room.server.conversation,
    message_group: place.messageGroup,
    sender,
    epoch: place.epoch,
    edit: place.edit,
    commitment: copies.commitment,
    key_version: keyVersion,
    content: copies.messages[0]!.content,
  };
  return { copy, opened };
}
