import {
  type Bytes,
  concatBytes,
  fromBase64Url,
  randomBytes,
  sameBytes,
  toBase64Url,
  uuidBytes,
} from "./bytes.ts";
import {
  ENC_BYTES,
  hpkeOpen,
  hpkeSeal,
  importKeyPair,
  importPublicKey,
  type KeyPair,
  newKeyPair,
} from "./hpke.ts";
import { hashSha256 } from "./primitives.ts";
import { ChatRefusal } from "./refusals.ts";
import { RootKey, readWrap, writeWrap } from "./root-key.ts";
import { deviceWrapInfo } from "./transcripts.ts";

/** A new device's code is good for so long, in milliseconds: ten minutes. */
export const DEVICE_CODE_MS_MAX = 10 * 60 * 1_000;
const PREFIX = "stoa-device:1";
const SECRET_BYTES = 16;
const CHECK_BYTES = 4;

/** What the new device keeps while it shows its code. */
export interface DeviceInvitation {
  /**
   * The text of the QR code: `stoa-device:1:<user>:<public key>:<secret>:<expires>:<check>`, keys
   * as base64url, the expiry in seconds since 1970, the check over all before it.
   */
  readonly code: string;
  readonly pair: KeyPair;
}

interface DeviceCode {
  readonly user: string;
  readonly publicKey: Bytes;
  /** Only who has seen the screen has it, so the service cannot send a root key of its own. */
  readonly secret: Bytes;
  readonly expiresAtS: number;
}

/** Begins on the new device. @throws ChatRefusal ID_INVALID */
export function inviteByDevice(user: string, nowMs: number): DeviceInvitation {
  uuidBytes(user);
  const pair = newKeyPair();
  const expiresAtS = Math.floor((nowMs + DEVICE_CODE_MS_MAX) / 1_000);
  const fields = [user, toBase64Url(pair.publicKey), toBase64Url(randomBytes(SECRET_BYTES))];
  const text = [PREFIX, ...fields, expiresAtS].join(":");
  return { code: `${text}:${checkOf(text)}`, pair };
}

/**
 * Goes on at a device that has the root key and has read the code off the new one's screen.
 *
 * @returns base64url, for the account's wraps, kind `device`
 * @throws ChatRefusal DEVICE_CODE_INVALID, also for another account's code; DEVICE_CODE_EXPIRED
 */
export async function wrapForDevice(
  user: string,
  root: RootKey,
  code: string,
  nowMs: number,
): Promise<string> {
  const device = readCode(code, nowMs);
  if (device.user !== user) throw new ChatRefusal("DEVICE_CODE_INVALID");
  const recipient = await importPublicKey(device.publicKey);
  const sealed = await hpkeSeal(recipient, infoOf(device), root.exportBytes(), new Uint8Array());
  return writeWrap("device", concatBytes(sealed.enc, sealed.ciphertext));
}

/**
 * Ends on the new device.
 *
 * @throws ChatRefusal DEVICE_CODE_EXPIRED; WRAP_BROKEN when the wrap was made by nobody who has
 *   seen the code
 */
export async function unwrapForDevice(
  invitation: DeviceInvitation,
  wrap: string,
  nowMs: number,
): Promise<RootKey> {
  const device = readCode(invitation.code, nowMs);
  const bytes = readWrap("device", wrap);
  const sealed = { enc: bytes.slice(0, ENC_BYTES), ciphertext: bytes.slice(ENC_BYTES) };
  const key = await importKeyPair(invitation.pair);
  try {
    return RootKey.fromBytes(await hpkeOpen(key, infoOf(device), sealed, new Uint8Array()));
  } catch {
    throw new ChatRefusal("WRAP_BROKEN");
  }
}

function infoOf({ user, publicKey, secret, expiresAtS }: DeviceCode): Bytes {
  return deviceWrapInfo(user, publicKey, secret, expiresAtS);
}

function checkOf(text: string): string {
  return toBase64Url(hashSha256(new TextEncoder().encode(text)).slice(0, CHECK_BYTES));
}

function readCode(code: string, nowMs: number): DeviceCode {
  const parts =
    /^(stoa-device:1:([0-9a-f-]{36}):([\w-]{43}):([\w-]{22}):(\d{1,12})):([\w-]{6})$/.exec(code);
  if (parts === null) throw new ChatRefusal("DEVICE_CODE_INVALID");
  const [, text = "", user = "", publicKey = "", secret = "", expires = "", check = ""] = parts;
  const expected = new TextEncoder().encode(checkOf(text));
  if (!sameBytes(expected, new TextEncoder().encode(check))) {
    throw new ChatRefusal("DEVICE_CODE_INVALID");
  }
  const expiresAtS = Number(expires);
  // A code from the far future was not made by our client, or one of the clocks is wrong.
  const leftMs = expiresAtS * 1_000 - nowMs;
  if (leftMs <= 0 || leftMs > 2 * DEVICE_CODE_MS_MAX) throw new ChatRefusal("DEVICE_CODE_EXPIRED");
  return {
    user,
    publicKey: fromBase64Url(publicKey),
    secret: fromBase64Url(secret),
    expiresAtS,
  };
}
