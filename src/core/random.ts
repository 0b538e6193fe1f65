/** Randomness as a port: a CSPRNG in production, a seeded generator in the simulator. */
export interface Random {
  bytes(count: number): Uint8Array;
}

/** A secret reference of 256 bits, as 43 characters of base64url. */
export function newToken(random: Random): string {
  return Buffer.from(random.bytes(32)).toString("base64url");
}

/** A number in [0, 1) with 32 bits of resolution. */
export function fraction(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32;
}
