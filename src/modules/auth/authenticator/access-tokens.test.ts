import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import fc from "fast-check";
import { AccessTokens } from "./access-tokens.ts";

const SECRET = new Uint8Array(32).fill(3);
const NOW_MS = Date.UTC(2026, 10, 21, 12);
const NOW_S = NOW_MS / 1000;
const ACCOUNT = "01a1fdfa-4600-7009-a985-00925a72ada2";
const SESSION = "01a1fdfa-4600-700a-b1eb-c20bb77b59fc";

const tokens = new AccessTokens(SECRET, "Stoa");
const claims = { accountId: ACCOUNT, sessionId: SESSION, epoch: 4 };

const HEADER = { alg: "HS256", typ: "at+jwt" };
const PAYLOAD = {
  iss: "Stoa",
  aud: "stoa",
  sub: ACCOUNT,
  sid: SESSION,
  epoch: 4,
  iat: NOW_S,
  nbf: NOW_S,
  exp: NOW_S + 1800,
};

/** A token as somebody would make it who knows the secret, or does not. */
function forge(header: object, payload: object, hash = "sha256", secret = SECRET): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest("base64url")}`;
}

function without(name: keyof typeof PAYLOAD): object {
  const { [name]: _, ...rest } = PAYLOAD;
  return rest;
}

const unsigned = (alg: string) =>
  `${forge({ ...HEADER, alg }, PAYLOAD)
    .split(".")
    .slice(0, 2)
    .join(".")}.`;

const FORGED: Readonly<Record<string, string>> = {
  "alg none": unsigned("none"),
  "alg None": unsigned("None"),
  "no signature": unsigned("HS256"),
  "another algorithm with the right secret": forge({ ...HEADER, alg: "HS512" }, PAYLOAD, "sha512"),
  "an algorithm with public keys": forge({ ...HEADER, alg: "RS256" }, PAYLOAD),
  "no algorithm": forge({ typ: "at+jwt" }, PAYLOAD),
  "another secret": forge(HEADER, PAYLOAD, "sha256", new Uint8Array(32).fill(4)),
  "an empty secret": forge(HEADER, PAYLOAD, "sha256", new Uint8Array(0)),
  "another type": forge({ ...HEADER, typ: "JWT" }, PAYLOAD),
  "no type": forge({ alg: "HS256" }, PAYLOAD),
  "a jku header": forge({ ...HEADER, jku: "https://evil.test/keys" }, PAYLOAD),
  "a jwk header": forge({ ...HEADER, jwk: { kty: "oct", k: "AAAA" } }, PAYLOAD),
  "a kid header": forge({ ...HEADER, kid: "../../dev/null" }, PAYLOAD),
  "a critical header": forge({ ...HEADER, crit: ["b64"], b64: false }, PAYLOAD),
  "another issuer": forge(HEADER, { ...PAYLOAD, iss: "Stoa2" }),
  "no issuer": forge(HEADER, without("iss")),
  "another audience": forge(HEADER, { ...PAYLOAD, aud: "wallet" }),
  "no audience": forge(HEADER, without("aud")),
  expired: forge(HEADER, { ...PAYLOAD, exp: NOW_S }),
  "no expiry": forge(HEADER, without("exp")),
  "an expiry that is text": forge(HEADER, { ...PAYLOAD, exp: "9999999999" }),
  "not yet valid": forge(HEADER, { ...PAYLOAD, nbf: NOW_S + 1 }),
  "no beginning": forge(HEADER, without("nbf")),
  "issued at no time": forge(HEADER, without("iat")),
  "no subject": forge(HEADER, without("sub")),
  "a subject that is no id": forge(HEADER, { ...PAYLOAD, sub: "ada" }),
  "no session": forge(HEADER, without("sid")),
  "no epoch": forge(HEADER, without("epoch")),
  "a negative epoch": forge(HEADER, { ...PAYLOAD, epoch: -1 }),
  "claims that are no object": forge(HEADER, []),
  "a fourth part": `${forge(HEADER, PAYLOAD)}.x`,
  "too long": `${forge(HEADER, { ...PAYLOAD, x: "x".repeat(5_000) })}`,
  nothing: "",
};

describe("access tokens", () => {
  test("what is signed is verified, for half an hour to the second", async () => {
    const { token, expiresAtMs } = await tokens.sign(claims, NOW_MS);
    assert.equal(expiresAtMs, NOW_MS + 30 * 60_000);
    assert.deepEqual(await tokens.verify(token, NOW_MS), { ...claims, expiresAtMs });
    assert.notEqual(await tokens.verify(token, expiresAtMs - 1), null);
    assert.equal(await tokens.verify(token, expiresAtMs), null);
  });

  test("a node whose clock is a little behind takes it, one that is far behind does not", async () => {
    const { token } = await tokens.sign(claims, NOW_MS);
    assert.notEqual(await tokens.verify(token, NOW_MS - 30_000), null);
    assert.equal(await tokens.verify(token, NOW_MS - 31_000), null);
  });

  test("the forger's own token, correct in everything, would be taken", async () => {
    assert.notEqual(await tokens.verify(forge(HEADER, PAYLOAD), NOW_MS), null);
  });

  for (const [what, token] of Object.entries(FORGED)) {
    test(`refused: ${what}`, async () => assert.equal(await tokens.verify(token, NOW_MS), null));
  }

  test("refused: any character of it changed", async () => {
    const { token } = await tokens.sign(claims, NOW_MS);
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === "A" ? "B" : "A";
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      const verified = await tokens.verify(changed, NOW_MS);
      // The last character of a part carries bits that decode to nothing.
      if (verified !== null) assert.equal(decoded(changed), decoded(token), `at ${at}`);
    }
  });

  test("refused: any text", async () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.base64String());
    const dotted = fc.tuple(text, text, text).map((parts) => parts.join("."));
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, dotted), async (token) => {
        assert.equal(await tokens.verify(token, NOW_MS), null);
      }),
    );
  });

  test("a secret that is too short is a mistake", () => {
    assert.throws(() => new AccessTokens(new Uint8Array(31), "Stoa"));
  });
});

function decoded(token: string): string {
  return token
    .split(".")
    .map((part) => Buffer.from(part, "base64url").toString("hex"))
    .join(".");
}
