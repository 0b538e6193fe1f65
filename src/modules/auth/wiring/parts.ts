import type { Clock } from "../../../core/clock.ts";
import type { Ids } from "../../../core/ids.ts";
import type { Log } from "../../../core/log.ts";
import type { Mailer } from "../../../core/mailer.ts";
import type { Random } from "../../../core/random.ts";
import type { Vault } from "../../../core/vault.ts";
import { AccessTokens } from "../authenticator/access-tokens.ts";
import type { Hasher } from "../credentials/hasher.ts";
import { Passwords } from "../credentials/passwords.ts";

/** What the module is built from. */
export interface AuthParts {
  readonly vault: Vault;
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly log: Log;
  /** 32 bytes that sign access tokens. */
  readonly tokenSecret: Uint8Array;
  /** The page that links in mails lead to, without a trailing slash. */
  readonly frontendUrl: () => string;
  /** Names the installation in authenticator apps, mails and tokens. */
  readonly issuer?: string;
  /** Passwords hashed at once. */
  readonly passwordWorkersMax?: number;
  /** Stands in for argon2 in tests. */
  readonly hasher?: Hasher;
}

/** What the operations of the module share. */
export interface AuthKit {
  readonly vault: Vault;
  readonly mailer: Mailer;
  readonly random: Random;
  readonly log: Log;
  readonly frontendUrl: () => string;
  readonly issuer: string;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
}

const DEFAULT_ISSUER = "Stoa";

export function createKit(parts: AuthParts): AuthKit {
  const { vault, mailer, random, log, frontendUrl, issuer = DEFAULT_ISSUER } = parts;
  const { hasher, passwordWorkersMax } = parts;
  return {
    vault,
    mailer,
    random,
    log,
    frontendUrl,
    issuer,
    passwords: new Passwords({ random, hasher, workersMax: passwordWorkersMax }),
    tokens: new AccessTokens(parts.tokenSecret, issuer),
  };
}
