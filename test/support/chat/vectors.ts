import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { argon2id } from "@noble/hashes/argon2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import {
  fields,
  nobleFile,
  nobleKeyId,
  nobleKeyStatement,
  nobleLink,
  nobleRecoveryKey,
  nobleSafetyNumber,
  nobleSealCopy,
  nobleStatement,
  nobleTextBody,
  nobleWrap,
  number,
  uuid,
} from "./noble-codec.ts";
import { nobleSeal } from "./noble-hpke.ts";

/** What the vectors of `docs/protocol/chat-encryption-vectors.json` are made from. */
export const VECTOR_INPUTS = {
  conversation: "c0000000-0000-4000-8000-000000000001",
  messageGroup: "d0000000-0000-4000-8000-000000000002",
  sender: "a0000000-0000-4000-8000-000000000003",
  recipient: "b0000000-0000-4000-8000-000000000004",
  epoch: 7,
  edit: 0,
  keyVersion: 3,
  senderIdentitySeed: seed("sender's identity"),
  recipientIdentitySeed: seed("recipient's identity"),
  recipientPrivateKey: seed("recipient's private key"),
  ephemeralPrivateKey: seed("ephemeral key"),
  frankingKey: seed("franking key"),
  prevHash: seed("previous link"),
  fadesAfterS: 0,
  text: "Beauty is truth, truth beauty — αλήθεια",
  rootKey: seed("root key"),
  passphrase: "correct horse battery staple",
  recoverySecret: seed("recovery").slice(0, 40),
  salt: seed("salt").slice(0, 32),
  nonce: seed("nonce").slice(0, 24),
  devicePrivateKey: seed("device"),
  deviceSecret: seed("device's secret").slice(0, 32),
  deviceExpiresAtS: 1_800_000_000,
  fileKey: seed("file key"),
  file: "a file of one chunk",
};

type Inputs = typeof VECTOR_INPUTS;

function seed(name: string): string {
  return bytesToHex(sha256(utf8ToBytes(`stoa-chat vector: ${name}`)));
}

/** Everything that follows from the inputs, on @noble alone; hexadecimal but for texts. */
export function makeVectors(inputs: Inputs) {
  return { inputs, outputs: { ...messageOutputs(inputs), ...accountOutputs(inputs) } };
}

function messageOutputs(inputs: Inputs) {
  const place = {
    conversation: inputs.conversation,
    group: inputs.messageGroup,
    sender: inputs.sender,
    epoch: inputs.epoch,
    edit: inputs.edit,
  };
  const { recipient, keyVersion } = inputs;
  const frankingKey = hexToBytes(inputs.frankingKey);
  const body = nobleTextBody(hexToBytes(inputs.prevHash), inputs.fadesAfterS, inputs.text);
  const publicKey = x25519.getPublicKey(hexToBytes(inputs.recipientPrivateKey));
  const message = nobleSealCopy(
    { place, recipient, keyVersion, body, frankingKey },
    hexToBytes(inputs.senderIdentitySeed),
    publicKey,
    hexToBytes(inputs.ephemeralPrivateKey),
  );
  const senderIdentity = ed25519.getPublicKey(hexToBytes(inputs.senderIdentitySeed));
  const recipientSeed = hexToBytes(inputs.recipientIdentitySeed);
  const recipientIdentity = ed25519.getPublicKey(recipientSeed);
  const keyStatement = nobleKeyStatement(place.conversation, recipient, keyVersion, publicKey);
  return {
    recipientPublicKey: bytesToHex(publicKey),
    keyId: bytesToHex(nobleKeyId(publicKey)),
    senderIdentity: bytesToHex(senderIdentity),
    recipientIdentity: bytesToHex(recipientIdentity),
    keyStatement: bytesToHex(keyStatement),
    keySignature: bytesToHex(ed25519.sign(keyStatement, recipientSeed)),
    body: bytesToHex(body),
    commitment: bytesToHex(message.commitment),
    messageStatement: bytesToHex(nobleStatement(place, message.commitment)),
    messageSignature: bytesToHex(message.signature),
    link: bytesToHex(nobleLink(place, message.commitment)),
    plain: bytesToHex(message.plain),
    info: bytesToHex(message.info),
    aad: bytesToHex(message.aad),
    content: base64Url(message.content),
    safetyNumber: nobleSafetyNumber([
      [inputs.sender, senderIdentity],
      [inputs.recipient, recipientIdentity],
    ]),
  };
}

function accountOutputs(inputs: Inputs) {
  const [root, salt, nonce] = [inputs.rootKey, inputs.salt, inputs.nonce].map(hexToBytes) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const user = uuid(inputs.recipient);
  const none = new Uint8Array();
  const recoverySecret = hexToBytes(inputs.recoverySecret);
  const recoveryKey = nobleRecoveryKey(inputs.recipient, recoverySecret, salt);
  const passphraseKey = argon2id(utf8ToBytes(inputs.passphrase), salt, {
    m: 65_536,
    t: 3,
    p: 1,
    dkLen: 32,
  });
  const identitySeed = hexToBytes(inputs.recipientIdentitySeed);
  const identityAad = fields("stoa-identity/1", user, ed25519.getPublicKey(identitySeed));
  const privateKey = hexToBytes(inputs.recipientPrivateKey);
  const publicKey = x25519.getPublicKey(privateKey);
  const keyAad = fields(
    "stoa-conversation-key/1",
    ...[user, uuid(inputs.conversation), number(8, inputs.keyVersion), publicKey],
  );
  return {
    recoveryKey: crockford(recoverySecret),
    wrapByPassphrase: base64Url(
      nobleWrap(1, salt, passphraseKey, nonce, root, fields("stoa-root-passphrase/1", user, salt)),
    ),
    wrapByRecoveryKey: base64Url(
      nobleWrap(2, salt, recoveryKey, nonce, root, fields("stoa-root-recovery/1", user)),
    ),
    ...deviceOutputs(inputs, root),
    wrapOfIdentity: base64Url(nobleWrap(4, none, root, nonce, identitySeed, identityAad)),
    wrapOfConversationKey: base64Url(nobleWrap(5, none, root, nonce, privateKey, keyAad)),
    encryptedFile: bytesToHex(nobleFile(hexToBytes(inputs.fileKey), utf8ToBytes(inputs.file))),
  };
}

function deviceOutputs(inputs: Inputs, root: Uint8Array) {
  const publicKey = x25519.getPublicKey(hexToBytes(inputs.devicePrivateKey));
  const secret = hexToBytes(inputs.deviceSecret);
  const expires = number(8, inputs.deviceExpiresAtS);
  const info = fields("stoa-root-device/1", uuid(inputs.recipient), publicKey, secret, expires);
  const ephemeral = hexToBytes(inputs.ephemeralPrivateKey);
  const sealed = nobleSeal(publicKey, info, root, new Uint8Array(), ephemeral);
  const text = [
    "stoa-device:1",
    inputs.recipient,
    base64Url(publicKey),
    base64Url(secret),
    inputs.deviceExpiresAtS,
  ].join(":");
  return {
    deviceCode: `${text}:${base64Url(sha256(utf8ToBytes(text)).slice(0, 4))}`,
    wrapForDevice: base64Url(concatBytes(Uint8Array.of(1, 3), sealed.enc, sealed.ciphertext)),
  };
}

/** 160 bits in 32 digits, and the first 20 bits of their SHA-256 in four, in groups of four. */
function crockford(secret: Uint8Array): string {
  const digits = (bytes: Uint8Array, count: number) => {
    const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    return Array.from({ length: count }, (_, at) => {
      const digit = Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2);
      return "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[digit];
    }).join("");
  };
  const text = digits(secret, 32) + digits(sha256(secret), 4);
  return text.match(/.{4}/g)!.join("-");
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
