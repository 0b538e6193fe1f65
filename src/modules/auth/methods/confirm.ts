import { defineMethod, type MethodCall, type PrepareCall } from "../../../core/method.ts";
import {
  type Attempt,
  beginAttempt,
  failAttempt,
  forgiveProbe,
  passAttempt,
} from "../credentials/attempts.ts";
import { FORM_BUDGET } from "../credentials/budgets.ts";
import { type Challenge, openChallenge } from "../credentials/challenge.ts";
import { type CodeProof, judgeCode, judgeInVain, useCode } from "../credentials/one-time-codes.ts";
import { newRecoveryCodes, type RecoveryCodes } from "../credentials/recovery-codes.ts";
import { places } from "../credentials/tokens.ts";
import { matchTotp } from "../credentials/totp.ts";
import { isUnchanged } from "../credentials/unchanged.ts";
import { challengeInvalid, invalidCode, tooManyAttempts, usernameTaken } from "../errors.ts";
import { openSession } from "../sessions/open-session.ts";
import {
  findAccountByLogin,
  insertAccount,
  lockAccount,
  type StoredAccount,
} from "../store/accounts.ts";
import { replaceRecoveryCodes } from "../store/credentials.ts";
import { authWire } from "../types.ts";
import type { AuthKit } from "../wiring/parts.ts";

const wire = authWire.methods["auth.confirm"];

type Prepare = PrepareCall<typeof wire.input, "anyone">;
type Handle = Omit<MethodCall<typeof wire.input, "anyone">, "prepared">;

/** A person who is registered and has proved the code. */
interface Returning {
  readonly kind: "returning";
  readonly account: StoredAccount;
  readonly attempt: Attempt;
  readonly proof: CodeProof;
}

/** A candidate who has scanned the QR code and proved it by the first code. */
interface Candidate {
  readonly kind: "candidate";
  readonly challenge: Challenge;
  readonly attempt: Attempt;
  readonly step: number;
  readonly recovery: RecoveryCodes;
}

/**
 * The second step of document 001. With a challenge a candidate becomes an account, and owns the
 * name from here on; of two candidates for one name the first wins. Without one somebody who is
 * registered signs in.
 */
export const confirm = (kit: AuthKit) =>
  defineMethod({
    name: "auth.confirm",
    ...wire,
    summary: "Signs in by username and code, or registers the candidate that `auth.start` named.",
    access: "anyone",
    budget: FORM_BUDGET,
    errors: [challengeInvalid, invalidCode, usernameTaken, tooManyAttempts],
    transaction: "write",
    prepare: (call): Promise<Returning | Candidate> =>
      call.input.challenge === undefined
        ? recognise(kit, call)
        : examine(kit, call, call.input.challenge),
    handle: ({ prepared, ...call }) =>
      prepared.kind === "returning" ? signIn(kit, call, prepared) : enrol(kit, call, prepared),
  });

/**
 * A code alone opens no account that has a password: nobody guesses one factor out of two. Such an
 * account, one without an app, and a name that nobody has are answered like a wrong code, after the
 * same work: who has what is told to those who have signed in.
 */
async function recognise(kit: AuthKit, call: Prepare): Promise<Returning> {
  const { username, code } = call.input;
  const account = await call.work.single((tx) => findAccountByLogin(tx, username));
  const target = account ?? { name: username };
  const attempt = await beginAttempt(call, target);
  if (account === null || account.totpSecret === null || account.passwordHash !== null) {
    await judgeInVain(kit, call, code);
    await failAttempt(kit, call, target, attempt);
    throw invalidCode();
  }
  const proof = await judgeCode(kit, call, account, { attempt, code });
  return { kind: "returning", account, attempt, proof };
}

async function signIn(kit: AuthKit, call: Handle, { account, attempt, proof }: Returning) {
  const locked = await lockAccount(call.tx, account.id);
  if (!isUnchanged(account, locked)) throw invalidCode();
  await useCode(kit, call, locked, proof);
  await passAttempt(call.tx, attempt);
  await forgiveProbe(call.tx, call.caller);
  return openSession(kit, call, account.id);
}

async function examine(kit: AuthKit, call: Prepare, sealed: string): Promise<Candidate> {
  const { username, code } = call.input;
  const nowMs = call.clock.nowMs();
  const challenge = openChallenge(kit.vault, sealed, { username, nowMs });
  if (challenge === null) throw challengeInvalid();
  // Counted by the enrolment: what strangers try with the name is not this candidate's doing.
  const target = { name: challenge.id };
  const attempt = await beginAttempt(call, target);
  const step = matchTotp(challenge.secret, code, nowMs);
  if (step === null) {
    await failAttempt(kit, call, target, attempt);
    throw invalidCode();
  }
  const owner = await call.work.single((tx) => findAccountByLogin(tx, username));
  if (owner !== null) throw usernameTaken();
  const recovery = await newRecoveryCodes(kit.random, kit.passwords, call.signal);
  return { kind: "candidate", challenge, attempt, step, recovery };
}

async function enrol(kit: AuthKit, call: Handle, candidate: Candidate) {
  const { tx, input, clock, ids, caller } = call;
  const { challenge, step, recovery, attempt } = candidate;
  const id = ids.uuid();
  await insertAccount(tx, {
    id,
    username: input.username,
    displayName: input.username,
    totp: {
      secret: kit.vault.seal(challenge.secret, places.totpSecret(id)),
      step,
      challengeId: challenge.id,
    },
    createdAtMs: clock.nowMs(),
  });
  await replaceRecoveryCodes(tx, id, recovery.hashed);
  await passAttempt(tx, attempt);
  await forgiveProbe(tx, caller);
  const signedIn = await openSession(kit, call, id);
  return { ...signedIn, recoveryCodes: [...recovery.codes] };
}
