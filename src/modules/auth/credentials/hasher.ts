import { hash, hashRaw, parseOptions, verify } from "@node-rs/argon2";

/** The slow functions that keep a stolen table from being turned back into what people typed. */
export interface Hasher {
  hash(password: string, salt: Uint8Array): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
  /** The same secret and salt give the same 32 bytes. */
  derive(secret: string, salt: Uint8Array): Promise<Uint8Array>;
  /** Whether a hash was made with weaker parameters than today's. */
  isOutdated(passwordHash: string): boolean;
  /** A hash like any other that no password has. */
  readonly nobodys: string;
}

/** OWASP's parameters for argon2id, which is the package's default variant (RFC 9106). */
const PARAMETERS = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1, outputLen: 32 } as const;
export const SALT_BYTES = 16;

const base64 = (bytes: number) => Buffer.alloc(bytes).toString("base64").replaceAll("=", "");
const { memoryCost, timeCost, parallelism, outputLen } = PARAMETERS;
const COST = `m=${memoryCost},t=${timeCost},p=${parallelism}`;

export const argon2Hasher: Hasher = {
  hash: (password, salt) => hash(password, { ...PARAMETERS, salt }),
  verify: (passwordHash, password) => verify(passwordHash, password),
  derive: (secret, salt) => hashRaw(secret, { ...PARAMETERS, salt }),
  isOutdated(passwordHash) {
    const used = parseOptions(passwordHash);
    return (
      used.memoryCost < memoryCost || used.timeCost < timeCost || used.parallelism < parallelism
    );
  },
  nobodys: `$argon2id$v=19$${COST}$${base64(SALT_BYTES)}$${base64(outputLen)}`,
};
