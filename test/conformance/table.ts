import { CHAT_ACCOUNTS } from "./chat-account-samples.ts";
import { CONVERSATION } from "./chat-table.ts";
import { type Step, step } from "./step.ts";
import { MONEY } from "./wallet-table.ts";
import { smallPlan, type World } from "./world.ts";

const kept = (name: string) => (world: World) => world.kept.get(name);
const screening =
  (more: object = {}) =>
  (world: World) => ({
    screeningId: kept("screening")(world),
    ...more,
  });
const UNKNOWN = "01890000-0000-7000-8000-000000000000";

const newScreening = (world: World) => ({
  hallId: kept("hall")(world),
  title: "The Lighthouse Keeper's Piano",
  description: "A storm, a piano, and one key that will not sound.",
  startsAtMs: world.startsAtMs,
  durationMinutes: 112,
  currency: "EUR",
  prices: { standard: 1_250 },
});

/** The operator sets the stage. */
const STAGE: readonly Step[] = [
  step("ada", "cinema.saveCinema", { name: "X", city: "Y", address: "" }, "FORBIDDEN"),
  step("nobody", "cinema.saveCinema", { name: "X", city: "Y", address: "" }, "UNAUTHENTICATED"),
  step("operator", "cinema.saveCinema", { name: "", city: "Y", address: "" }, "INVALID_INPUT"),
  step(
    "operator",
    "cinema.saveCinema",
    { name: "Odeon", city: "Turin", address: "Via Po 1" },
    "OK",
    { keep: ["cinema", "id"] },
  ),
  step(
    "operator",
    "cinema.saveCinema",
    {
      id: 2_000_000_000,
      name: "Odeon",
      city: "Turin",
      address: "",
    },
    "CINEMA_NOT_FOUND",
  ),
  step(
    "operator",
    "cinema.saveHall",
    (world) => ({ cinemaId: kept("cinema")(world), name: "One", plan: smallPlan() }),
    "OK",
    { keep: ["hall", "id"] },
  ),
  step(
    "operator",
    "cinema.saveHall",
    (world) => {
      const plan = smallPlan();
      const seats = plan.sections[0]?.rows[0]?.seats ?? [];
      if (seats[1] !== undefined) seats[1] = { ...seats[1], id: "A1" };
      return { cinemaId: kept("cinema")(world), name: "Two", plan };
    },
    "PLAN_INVALID",
  ),
  step("operator", "cinema.getHall", (world) => ({ id: kept("hall")(world) })),
  step("operator", "cinema.getHall", { id: UNKNOWN }, "HALL_NOT_FOUND"),
  step("operator", "cinema.saveScreening", newScreening, "OK", { keep: ["screening", "id"] }),
  step(
    "operator",
    "cinema.saveScreening",
    (world) => ({ ...newScreening(world), prices: {} }),
    "PRICES_MISMATCH",
  ),
  step("nobody", "cinema.getOne", (world) => ({ id: kept("cinema")(world) })),
  step("nobody", "cinema.getOne", { id: 2_000_000_000 }, "CINEMA_NOT_FOUND"),
  step("nobody", "cinema.getOne", { id: -1 }, "INVALID_INPUT"),
  step("nobody", "cinema.getOne", { id: 0 }, "INVALID_INPUT"),
  step("nobody", "cinema.getScreening", screening()),
  step("nobody", "cinema.getScreening", { screeningId: UNKNOWN }, "SCREENING_NOT_FOUND"),
  step("nobody", "cinema.getScreening", { screeningId: "one" }, "INVALID_INPUT"),
];

/** Holds, their conflicts, and bookings. */
const SEATS: readonly Step[] = [
  step("nobody", "cinema.hold", screening({ seatIds: ["A1"] }), "UNAUTHENTICATED"),
  step("ada", "cinema.hold", screening({ seatIds: [] }), "INVALID_INPUT"),
  step("ada", "cinema.hold", screening({ seatIds: ["A1", "A1"] }), "INVALID_INPUT"),
  step("ada", "cinema.hold", screening({ seatIds: ["A1"], price: 0 }), "INVALID_INPUT"),
  step("ada", "cinema.hold", screening({ seatIds: ["Z9"] }), "SEAT_UNKNOWN"),
  step("ada", "cinema.hold", screening({ seatIds: ["A1", "A2"] }), "OK", { key: "hold-1" }),
  step("ada", "cinema.hold", screening({ seatIds: ["A1", "A2"] }), "OK", { key: "hold-1" }),
  step("ben", "cinema.hold", screening({ seatIds: ["A2", "A3"] }), "SEAT_TAKEN"),
  step("nobody", "cinema.getScreening", screening()),
  step("ben", "cinema.hold", screening({ seatIds: ["A3"] })),
  step("ben", "cinema.extendHold", screening()),
  step("ben", "cinema.release", screening({ seatIds: ["A1"] })),
  step("ben", "cinema.release", screening({ seatIds: ["A3"] })),
  step("ben", "cinema.extendHold", screening(), "NOT_HELD"),
  step("ben", "cinema.book", screening(), "NOT_HELD"),
  step("ada", "cinema.book", screening(), "OK", { keep: ["booking", "id"], key: "book-1" }),
  step("ada", "cinema.book", screening(), "OK", { key: "book-1" }),
  step("ada", "cinema.myBookings", {}),
  step("ben", "cinema.myBookings", {}),
  step("ben", "cinema.hold", screening({ seatIds: ["A1"] }), "SEAT_TAKEN"),
  step(
    "ben",
    "cinema.cancelBooking",
    (world) => ({ bookingId: kept("booking")(world) }),
    "BOOKING_NOT_FOUND",
  ),
  step(
    "operator",
    "cinema.blockSeats",
    screening({ seatIds: ["A1"], blocked: true }),
    "SEAT_TAKEN",
  ),
  step("operator", "cinema.blockSeats", screening({ seatIds: ["B1"], blocked: true })),
  step("ben", "cinema.hold", screening({ seatIds: ["B1"] }), "SEAT_TAKEN"),
  step("operator", "cinema.blockSeats", screening({ seatIds: ["B1"], blocked: false })),
  step("ben", "cinema.joinWaitlist", screening({ count: 2 }), "SEATS_AVAILABLE"),
  step("ada", "cinema.bestAvailable", screening({ count: 4 })),
  step("ada", "cinema.bestAvailable", screening({ count: 10 }), "NOT_ENOUGH_SEATS"),
  step("ada", "cinema.bestAvailable", screening({ count: 0 }), "INVALID_INPUT"),
  step("ada", "cinema.cancelBooking", (world) => ({ bookingId: kept("booking")(world) })),
  step("ben", "cinema.hold", screening({ seatIds: ["A1"] })),
  step("operator", "cinema.report", (world) => ({
    cinemaId: kept("cinema")(world),
    fromMs: world.startsAtMs - 1,
    toMs: world.startsAtMs + 1,
  })),
];

/** The account, its sessions, and what no operation answers. */
const ACCOUNT: readonly Step[] = [
  step("nobody", "auth.me", {}, "UNAUTHENTICATED"),
  step("ada", "auth.me", {}),
  step("ada", "auth.updateProfile", { description: "Sits in the middle." }),
  step("ada", "auth.updateProfile", { operator: true }, "INVALID_INPUT"),
  step("ada", "auth.listSessions", {}),
  step("ada", "auth.revokeSession", { sessionId: UNKNOWN }, "SESSION_NOT_FOUND"),
  step("ada", "auth.becomeOperator", { token: "A".repeat(43) }, "OPERATOR_TOKEN_INVALID"),
  step("nobody", "auth.login", { username: "nobody-there", secret: "x" }, "INVALID_CREDENTIALS"),
  step("nobody", "auth.lookupMailToken", { token: "B".repeat(43) }, "MAIL_TOKEN_INVALID"),
  step("nobody", "auth.refresh", { refreshToken: "C".repeat(43) }, "REFRESH_TOKEN_INVALID"),
  step("ada", "auth.signOut", {}),
  step("ada", "auth.me", {}, "UNAUTHENTICATED"),
];

export const TABLE: readonly Step[] = [
  ...STAGE,
  ...SEATS,
  ...MONEY,
  ...CONVERSATION,
  ...CHAT_ACCOUNTS,
  ...ACCOUNT,
];
