import { createHash } from "node:crypto";
import type { Caller } from "../../../core/actor.ts";
import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import type { Ids } from "../../../core/ids.ts";
import type { Log } from "../../../core/log.ts";
import { networkOf } from "../../../core/network.ts";
import type { UnitOfWork } from "../../../core/unit-of-work.ts";
import { tooManyAttempts } from "../errors.ts";
import { recordSecurityEvent } from "../notices/security-events.ts";
import { NOBODY, nameKey } from "../rules/names.ts";
import {
  ACCOUNT_POLICY,
  type LaneState,
  MAIL_POLICY,
  NETWORK_POLICY,
  OFTEN_FAILURES,
  PROBE_POLICY,
  type ThrottlePolicy,
  waitMs,
  withFailure,
} from "../rules/throttle.ts";
import type { StoredAccount } from "../store/accounts.ts";
import { isKnownNetwork } from "../store/places.ts";
import { clearLane, findLane, lockLane, relieveLane, setLane } from "../store/throttles.ts";
import type { AuthKit } from "../wiring/parts.ts";

/** Whose call it is, before its transaction. */
export interface Trier {
  readonly work: UnitOfWork;
  readonly caller: Caller;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** An attempt at somebody's secrets that is under way and counts as failed until it succeeds. */
export interface Attempt {
  readonly lane: string;
  /** Failures of the lane, this attempt included. */
  readonly failures: number;
}

/** Whom an attempt is aimed at: an account, or a name that nobody has. */
export type Target = Pick<StoredAccount, "id" | "email" | "emailConfirmed"> | { name: string };

/**
 * Counts an attempt as failed before the secret is looked at, in a transaction of its own: however
 * many come at once, on however many nodes, no more are heard than the lane allows, and the count
 * stays when the call that made it rolls back.
 *
 * An account that is attacked from elsewhere stays open to its owner: from a network where the
 * account has signed in before, attempts have a lane of their own.
 *
 * @throws TOO_MANY_ATTEMPTS
 */
export async function beginAttempt(trier: Trier, target: Target): Promise<Attempt> {
  const nowMs = trier.clock.nowMs();
  const network = networkOf(trier.caller.address);
  return trier.work.write(async ({ tx }) => {
    refuseEarly(trier, await findLane(tx, networkLane(network)), NETWORK_POLICY);
    const lane = await laneOf(tx, target, network);
    const before = await lockLane(tx, lane);
    refuseEarly(trier, before, ACCOUNT_POLICY);
    const after = withFailure(before, ACCOUNT_POLICY, nowMs);
    await setLane(tx, lane, after);
    return { lane, failures: after.failures };
  });
}

/** The attempt failed: its network is remembered, and the owner told once it is too often. */
export async function failAttempt(
  kit: AuthKit,
  trier: Trier,
  target: Target,
  attempt: Attempt,
): Promise<void> {
  const { work, caller, clock, ids, log } = trier;
  const { failures } = attempt;
  const accountId = "id" in target ? target.id : undefined;
  log.warn(
    { accountId, address: caller.address, failures },
    "an attempt to prove an account failed",
  );
  await work.write(async ({ tx, events }) => {
    const lane = networkLane(networkOf(caller.address));
    const before = await lockLane(tx, lane);
    await setLane(tx, lane, withFailure(before, NETWORK_POLICY, clock.nowMs()));
    if (failures === OFTEN_FAILURES && "id" in target) {
      const act = { tx, events, caller, clock, ids, log };
      await recordSecurityEvent(kit, act, target, "sign_in_failed_often");
    }
  });
}

/** The attempt was neither right nor wrong: it does not count, and clears nothing. */
export async function dropAttempt({ work }: Trier, attempt: Attempt): Promise<void> {
  await work.write(({ tx }) => relieveLane(tx, attempt.lane));
}

/** All that was asked for was right. In the transaction of what it leads to. */
export async function passAttempt(tx: Tx, attempt: Attempt): Promise<void> {
  await clearLane(tx, attempt.lane);
}

/**
 * Counts a question whose answer tells whether a name is taken.
 *
 * @throws TOO_MANY_ATTEMPTS
 */
export async function countProbe(trier: Omit<Trier, "ids">): Promise<void> {
  const { work, caller, clock } = trier;
  await work.write(async ({ tx }) => {
    const lane = probeLane(caller);
    const before = await lockLane(tx, lane);
    refuseEarly(trier, before, PROBE_POLICY);
    await setLane(tx, lane, withFailure(before, PROBE_POLICY, clock.nowMs()));
  });
}

/** Whoever then signs in asked for a reason. */
export async function forgiveProbe(tx: Tx, caller: Caller): Promise<void> {
  await relieveLane(tx, probeLane(caller));
}

/**
 * Counts a mail that somebody who is signed in makes us send to an address of their choice: for
 * the account, and for the address, so that a crowd of accounts floods nobody's mailbox.
 *
 * @throws TOO_MANY_ATTEMPTS
 */
export async function countMail(
  { work, clock }: Trier,
  accountId: string,
  email: string,
): Promise<void> {
  await work.write(async ({ tx }) => {
    for (const target of [accountId, `to ${hashedName(email)}`]) {
      const retryAfterMs = await takeMailTurn(tx, target, clock.nowMs());
      if (retryAfterMs > 0) throw tooManyAttempts(undefined, { retryAfterMs });
    }
  });
}

/**
 * Counts a mail, or answers how long the next one has to wait.
 *
 * @param target the account it is about, or the address it goes to
 */
export async function takeMailTurn(tx: Tx, target: string, nowMs: number): Promise<number> {
  const lane = `mail ${target}`;
  const before = await lockLane(tx, lane);
  const retryAfterMs = waitMs(before, MAIL_POLICY, nowMs);
  if (retryAfterMs === 0) await setLane(tx, lane, withFailure(before, MAIL_POLICY, nowMs));
  return retryAfterMs;
}

function refuseEarly(
  { caller, clock, log }: Pick<Trier, "caller" | "clock" | "log">,
  state: LaneState,
  policy: ThrottlePolicy,
): void {
  const retryAfterMs = waitMs(state, policy, clock.nowMs());
  if (retryAfterMs === 0) return;
  const { failures } = state;
  log.warn({ address: caller.address, failures, retryAfterMs }, "an attempt came too early");
  throw tooManyAttempts(undefined, { retryAfterMs });
}

/** The same questions for a name that nobody has, so that time does not tell it from the others. */
async function laneOf(tx: Tx, target: Target, network: string): Promise<string> {
  const id = "id" in target ? target.id : NOBODY;
  const isKnown = await isKnownNetwork(tx, id, network);
  if (isKnown) return `account ${id} from ${network}`;
  if ("id" in target) return `account ${id}`;
  return `name ${hashedName(target.name)}`;
}

/** Of bounded length, and no list of what strangers typed. */
function hashedName(name: string): string {
  return createHash("sha256").update(nameKey(name)).digest("hex");
}

function networkLane(network: string): string {
  return `network ${network}`;
}

function probeLane({ address }: Caller): string {
  return `probe ${networkOf(address)}`;
}
