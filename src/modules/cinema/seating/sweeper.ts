import type { Clock } from "../../../core/clock.ts";
import type { Tx } from "../../../core/database.ts";
import type { Events } from "../../../core/events.ts";
import type { Job, JobContext } from "../../../core/module.ts";
import { SeatClaims } from "../rules/claims.ts";
import { assignOffers, type Offer } from "../rules/waitlist.ts";
import { findClaimable, saveHeldSeats } from "../store/claims.ts";
import { lockScreenings } from "../store/locks.ts";
import { findScreening, type ScreeningFacts } from "../store/programme.ts";
import { deleteExpiredSeats, type ExpiredSeat, listOverdueScreenings } from "../store/seats.ts";
import { countOff, deleteWaitings, listLine, trimWaitings } from "../store/waitings.ts";
import { announceCounts, announceOffer, announceSeats, freeSeats, heldSeats } from "./announce.ts";
import type { SeatingParts } from "./parts.ts";

/** Watchers hear of the end of a hold within a second: half of it is left for the sweep itself. */
const SWEEP_INTERVAL_MS = 500;
const SCREENINGS_PER_SWEEP_MAX = 200;
const SEATS_PER_SWEEP_MAX = 500;
const TRIM_INTERVAL_MS = 60_000;
const TRIMMED_ROWS_MAX = 1_000;

/**
 * Tells the watchers of holds that are over, and offers their seats to who waits. What a hold's end
 * means is decided without it (`rules/claims.ts`); if no sweeper runs, maps are merely out of date.
 */
export function seatingJobs(parts: SeatingParts & { readonly clock: Clock }): readonly Job[] {
  const { clock } = parts;
  return [
    {
      name: "cinema.sweep",
      intervalMs: SWEEP_INTERVAL_MS,
      async run({ work, log, signal }) {
        const overdue = await work.single((tx) =>
          listOverdueScreenings(tx, clock.nowMs(), SCREENINGS_PER_SWEEP_MAX),
        );
        for (const screeningId of overdue) {
          if (signal.aborted) return;
          try {
            await work.write(
              ({ tx, events }) => sweepScreening(parts, tx, events, screeningId, clock),
              { repeatable: true },
            );
          } catch (err) {
            // The trouble of one screening keeps no other waiting.
            log.error({ err, screeningId }, "a screening could not be swept");
          }
        }
      },
    },
    {
      name: "cinema.trimWaitings",
      intervalMs: TRIM_INTERVAL_MS,
      async run({ work }: JobContext) {
        await work.write(({ tx }) => trimWaitings(tx, clock.nowMs(), TRIMMED_ROWS_MAX), {
          repeatable: true,
        });
      },
    },
  ];
}

/**
 * Nobody else changes the screening meanwhile, so the line is served in order and exactly. An offer
 * that was not taken up ends with its hold, and with it the place in the line, if any was left.
 */
async function sweepScreening(
  parts: SeatingParts,
  tx: Tx,
  events: Events,
  screeningId: string,
  clock: Clock,
): Promise<void> {
  await lockScreenings(tx, [screeningId]);
  const nowMs = clock.nowMs();
  const expired = await deleteExpiredSeats(tx, screeningId, nowMs, SEATS_PER_SWEEP_MAX);
  const found = await findScreening(tx, screeningId);
  if (expired.length === 0 || found === null) return;
  await deleteWaitings(tx, screeningId, lapsedAccounts(expired));

  const freed = new Set(expired.map(({ seatId }) => seatId));
  const planned = await findOffers(parts, tx, found, [...freed], nowMs);
  const offers = await makeOffers(parts, tx, screeningId, planned, nowMs);
  for (const { seatIds } of offers) for (const seatId of seatIds) freed.delete(seatId);
  const changes = offers.flatMap(({ to, seatIds, kept, untilMs }) =>
    heldSeats([...seatIds, ...kept], to, untilMs),
  );
  announceSeats(events, screeningId, [...changes, ...freeSeats([...freed])]);
  const { cinemaId } = found.screening;
  announceCounts(events, { screeningId, cinemaId }, { free: freed.size, held: -freed.size });
  for (const { kept, ...offer } of offers) announceOffer(events, { screeningId, ...offer });
}

function lapsedAccounts(expired: readonly ExpiredSeat[]): string[] {
  const accounts = expired.flatMap(({ offered, accountId }) =>
    offered && accountId !== null ? [accountId] : [],
  );
  return [...new Set(accounts)];
}

async function findOffers(
  { plans }: SeatingParts,
  tx: Tx,
  { screening, planId }: ScreeningFacts,
  freed: readonly string[],
  nowMs: number,
): Promise<Offer[]> {
  if (screening.startsAtMs <= nowMs) return [];
  const line = await listLine(tx, screening.id, nowMs, SEATS_PER_SWEEP_MAX);
  if (line.length === 0) return [];
  return assignOffers(line, freed, await plans.get(tx, planId), nowMs);
}

interface OfferMade {
  readonly to: string;
  readonly seatIds: readonly string[];
  /** What the person held before; it ends together with the offer. */
  readonly kept: readonly string[];
  readonly untilMs: number;
}

async function makeOffers(
  { tags }: SeatingParts,
  tx: Tx,
  screeningId: string,
  offers: readonly Offer[],
  nowMs: number,
): Promise<OfferMade[]> {
  if (offers.length === 0) return [];
  const claimable = await findClaimable(
    tx,
    screeningId,
    offers.flatMap(({ seatIds }) => seatIds),
    offers.map(({ accountId }) => accountId),
  );
  const claims = new SeatClaims(claimable?.taken ?? [], { nowMs, waiting: true });
  const made = offers.map(({ accountId, seatIds }) => {
    const claimed = claims.take(accountId, seatIds, true);
    if (!("terms" in claimed)) throw new Error("Seats were taken while the screening was locked.");
    const { kept, terms } = claimed;
    return { to: tags.of(accountId, screeningId), seatIds, kept, untilMs: terms.untilMs };
  });
  await saveHeldSeats(tx, screeningId, claims.changed);
  for (const { accountId, seatIds } of offers) {
    await countOff(tx, screeningId, accountId, seatIds.length);
  }
  return made;
}
