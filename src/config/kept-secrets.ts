import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Random } from "../core/random.ts";

const KeptSecrets = z.strictObject({ secretKeyBase: z.string(), vaultKey: z.string() });
export type KeptSecrets = z.infer<typeof KeptSecrets>;

/** What `stoa secrets` prints: 64 bytes to derive keys from, and 32 bytes of vault key. */
export function newSecrets(random: Random): KeptSecrets {
  const base64 = (byteCount: number) => Buffer.from(random.bytes(byteCount)).toString("base64");
  return { secretKeyBase: base64(64), vaultKey: base64(32) };
}

/** Outside production: the data folder's own secrets, made at the first start. */
export function keepSecrets(dataFolder: string, random: Random): KeptSecrets {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const path = join(dataFolder, "secrets.json");
  try {
    // `wx` fails when the file exists, so two starters at once end up with the same secrets.
    const text = `${JSON.stringify(newSecrets(random), null, 2)}\n`;
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return KeptSecrets.parse(JSON.parse(readFileSync(path, "utf8")));
}
