import assert from "node:assert/strict";
import { describe, test } from "node:test";
import jsQR from "jsqr";
import { Secret, TOTP } from "otpauth";
import { createSeededRandom } from "../../../../test/support/seeded-random.ts";
import { qrCodeUrl } from "./qr-code.ts";
import { matchTotp, newTotpSecret, totpUri } from "./totp.ts";

/** RFC 6238, appendix B, SHA-1. Six digits are the last six of its eight. */
const VECTORS: ReadonlyArray<readonly [seconds: number, eightDigits: string]> = [
  [59, "94287082"],
  [1_111_111_109, "07081804"],
  [1_111_111_111, "14050471"],
  [1_234_567_890, "89005924"],
  [2_000_000_000, "69279037"],
  [20_000_000_000, "65353130"],
];
const SECRET = Secret.fromUTF8("12345678901234567890").base32;

describe("codes (RFC 6238)", () => {
  for (const [seconds, eightDigits] of VECTORS) {
    test(`at ${seconds} s`, () => {
      const step = Math.floor(seconds / 30);
      const code = eightDigits.slice(2);
      assert.equal(matchTotp(SECRET, code, seconds * 1000), step);
      assert.equal(matchTotp(SECRET, code, (step * 30 - 1) * 1000), step, "one step early");
      assert.equal(matchTotp(SECRET, code, (step * 30 + 59) * 1000), step, "one step late");
      assert.equal(matchTotp(SECRET, code, (step * 30 + 60) * 1000), null, "two steps late");
      assert.equal(matchTotp(SECRET, code, (step * 30 - 31) * 1000), null, "two steps early");
    });
  }

  test("nothing else is a code", () => {
    for (const code of ["", "94287082", "28708", "abcdef", "२८७०८२", "287083"]) {
      assert.equal(matchTotp(SECRET, code, 59_000), null, code);
    }
  });

  test("a secret has 160 bits, and no two are alike", () => {
    const random = createSeededRandom("secrets");
    const secrets = new Set(Array.from({ length: 100 }, () => newTotpSecret(random)));
    assert.equal(secrets.size, 100);
    for (const secret of secrets) assert.equal(Secret.fromBase32(secret).bytes.length, 20);
  });
});

describe("the QR code", () => {
  for (const name of ["ada", "Жанна.д'Арк", "x".repeat(32)]) {
    test(`for ${name} is read by another library, and an app shows its codes`, () => {
      const secret = newTotpSecret(createSeededRandom(name));
      const uri = totpUri("Stoa", name, secret);
      const { pixels, width } = rasterise(qrCodeUrl(uri));
      const read = jsQR.default(pixels, width, width);
      assert.equal(read?.data, uri);
      const url = new URL(read.data);
      assert.equal(`${url.protocol}//${url.host}`, "otpauth://totp");
      assert.equal(decodeURIComponent(url.pathname), `/Stoa:${name}`);
      const app = new TOTP({ secret: url.searchParams.get("secret") ?? "" });
      const code = app.generate({ timestamp: 1_111_111_111_000 });
      assert.equal(matchTotp(secret, code, 1_111_111_111_000), Math.floor(1_111_111_111 / 30));
    });
  }
});

const PIXELS_PER_MODULE = 4;

/** Draws the picture as a browser does: black runs on white. */
function rasterise(dataUrl: string): { pixels: Uint8ClampedArray; width: number } {
  const [head, body = ""] = dataUrl.split(",");
  assert.equal(head, "data:image/svg+xml;base64");
  const svg = Buffer.from(body, "base64").toString();
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const width = size * PIXELS_PER_MODULE;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  const path = / d="(M[^"zZ]+)"/g.exec(svg.slice(svg.indexOf("stroke=")))?.[1] ?? "";
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let row = 0; row < PIXELS_PER_MODULE; row += 1) {
      const start = (Number(y) * PIXELS_PER_MODULE + row) * width + Number(x) * PIXELS_PER_MODULE;
      for (let pixel = start; pixel < start + Number(length) * PIXELS_PER_MODULE; pixel += 1) {
        pixels.fill(0, pixel * 4, pixel * 4 + 3);
      }
    }
  }
  return { pixels, width };
}
