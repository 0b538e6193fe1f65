import { CHAT_ACCOUNT_SAMPLES } from "./chat-account-samples.ts";
import { CHAT_SAMPLES } from "./chat-samples.ts";
import type { Step } from "./step.ts";
import { WALLET_SAMPLES } from "./wallet-samples.ts";
import { PASSWORD, type Role, smallPlan, type World } from "./world.ts";

/** A call of an operation that its rightful caller may make. */
export interface Sample {
  readonly input: (world: World) => unknown;
  /** What has to be there first; the owner of what is made is ada. */
  readonly after?: readonly Pick<Step, "as" | "operation" | "input" | "keep" | "until">[];
  /** How it ends for a role, where the operation's access alone does not say. */
  readonly codes?: Readonly<Partial<Record<Role, string>>>;
  /** Whoever calls it is signed out by it. */
  readonly endsSession?: boolean;
}

const kept = (world: World, name: string) => world.kept.get(name);
const UNKNOWN_TOKEN = "D".repeat(43);

const CINEMA: Sample["after"] = [
  {
    as: "operator",
    operation: "cinema.saveCinema",
    input: () => ({ name: "Rex", city: "Ghent", address: "" }),
    keep: ["cinema", "id"],
  },
];
const HALL: Sample["after"] = [
  ...CINEMA,
  {
    as: "operator",
    operation: "cinema.saveHall",
    input: (world) => ({ cinemaId: kept(world, "cinema"), name: "One", plan: smallPlan() }),
    keep: ["hall", "id"],
  },
];
const SCREENING: Sample["after"] = [
  ...HALL,
  {
    as: "operator",
    operation: "cinema.saveScreening",
    input: (world) => ({
      hallId: kept(world, "hall"),
      title: "Tides",
      description: "",
      startsAtMs: world.startsAtMs,
      durationMinutes: 90,
      currency: "EUR",
      prices: { standard: 900 },
    }),
    keep: ["screening", "id"],
  },
];
const seats = (ids: readonly string[]) => (world: World) => ({
  screeningId: kept(world, "screening"),
  seatIds: ids,
});
const HELD: Sample["after"] = [
  ...SCREENING,
  { as: "ada", operation: "cinema.hold", input: seats(["A1"]) },
];
const BOOKED: Sample["after"] = [
  ...HELD,
  {
    as: "ada",
    operation: "cinema.book",
    input: (world) => ({ screeningId: kept(world, "screening") }),
    keep: ["booking", "id"],
  },
];
const SESSION: Sample["after"] = [
  { as: "ada", operation: "auth.me", input: () => ({}), keep: ["session", "session.id"] },
];
const screening = (world: World) => ({ screeningId: kept(world, "screening") });
const nothing = () => ({});
let strangers = 0;
/** A name that nobody has and that was not tried before: guesses at one name are slowed down. */
const stranger = () => {
  strangers += 1;
  return `stranger-${strangers}`;
};
const own = { ada: "OK", ben: "NOT_HELD", operator: "NOT_HELD" } as const;
/** The people of a world have usernames and no addresses. */
const nameless = { ada: "EMAIL_MISSING", ben: "EMAIL_MISSING", operator: "EMAIL_MISSING" } as const;
/** A token that nobody was given: everybody is told the same. */
const same = (code: string) => ({ nobody: code, ada: code, ben: code, operator: code });

/** One sample of every operation; a test fails when one is missing. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  ...CHAT_SAMPLES,
  ...WALLET_SAMPLES,
  ...CHAT_ACCOUNT_SAMPLES,
  "cinema.list": { input: nothing, codes: same("OK") },
  "cinema.getOne": { after: CINEMA, input: (w) => ({ id: kept(w, "cinema") }), codes: same("OK") },
  "cinema.getScreening": { after: SCREENING, input: screening, codes: same("OK") },
  "cinema.hold": {
    after: HELD,
    input: seats(["A1"]),
    codes: { ada: "OK", ben: "SEAT_TAKEN", operator: "SEAT_TAKEN" },
  },
  "cinema.extendHold": { after: HELD, input: screening, codes: own },
  "cinema.release": { after: HELD, input: seats(["A1"]) },
  "cinema.book": { after: HELD, input: screening, codes: own },
  "cinema.cancelBooking": {
    after: BOOKED,
    input: (w) => ({ bookingId: kept(w, "booking") }),
    codes: { ada: "OK", ben: "BOOKING_NOT_FOUND", operator: "BOOKING_NOT_FOUND" },
  },
  "cinema.myBookings": { input: nothing },
  "cinema.bestAvailable": {
    after: SCREENING,
    input: (w) => ({ ...screening(w), count: 2 }),
    codes: { ada: "OK", ben: "OK", operator: "OK" },
  },
  "cinema.joinWaitlist": {
    after: SCREENING,
    input: screening,
    codes: { ada: "SEATS_AVAILABLE", ben: "SEATS_AVAILABLE", operator: "SEATS_AVAILABLE" },
  },
  "cinema.leaveWaitlist": { after: SCREENING, input: screening },
  "cinema.saveCinema": {
    input: () => ({ name: "Rex", city: "Ghent", address: "" }),
    codes: { operator: "OK" },
  },
  "cinema.getHall": {
    after: HALL,
    input: (w) => ({ id: kept(w, "hall") }),
    codes: { operator: "OK" },
  },
  "cinema.saveHall": {
    after: CINEMA,
    input: (w) => ({ cinemaId: kept(w, "cinema"), name: "One", plan: smallPlan() }),
    codes: { operator: "OK" },
  },
  "cinema.saveScreening": {
    after: HALL,
    input: (w) => ({
      hallId: kept(w, "hall"),
      title: "Tides",
      description: "",
      startsAtMs: w.startsAtMs,
      durationMinutes: 90,
      currency: "EUR",
      prices: { standard: 900 },
    }),
    codes: { operator: "OK" },
  },
  "cinema.blockSeats": {
    after: SCREENING,
    input: (w) => ({ ...screening(w), seatIds: ["B1"], blocked: true }),
    codes: { operator: "OK" },
  },
  "cinema.report": {
    after: CINEMA,
    input: (w) => ({ cinemaId: kept(w, "cinema"), fromMs: 0, toMs: 1 }),
    codes: { operator: "OK" },
  },
  "cinema.subscribe": {
    after: CINEMA,
    input: (w) => ({ cinemaId: kept(w, "cinema") }),
    codes: same("OK"),
  },
  "cinema.watch": { after: SCREENING, input: screening, codes: same("OK") },

  "auth.start": { input: () => ({ username: "olivia" }), codes: same("OK") },
  "auth.confirm": {
    input: () => ({ username: stranger(), code: "000000" }),
    codes: same("INVALID_CODE"),
  },
  "auth.register": {
    input: () => ({ username: "olivia", password: PASSWORD }),
    codes: same("USERNAME_TAKEN"),
  },
  "auth.login": {
    input: () => ({ username: stranger(), secret: "x" }),
    codes: same("INVALID_CREDENTIALS"),
  },
  "auth.refresh": {
    input: () => ({ refreshToken: UNKNOWN_TOKEN }),
    codes: same("REFRESH_TOKEN_INVALID"),
  },
  "auth.session": {
    input: () => ({ token: "forged" }),
    codes: same("ACCESS_TOKEN_INVALID"),
  },
  "auth.me": { input: nothing },
  "auth.updateProfile": { input: () => ({ description: "Likes the aisle." }) },
  "auth.listSessions": { input: nothing },
  "auth.listSecurityEvents": { input: nothing },
  "auth.changeEmail": {
    input: (w) => ({ email: `x${w.startsAtMs}@stoa.test`, currentPassword: "wrong" }),
    codes: { ada: "PASSWORD_WRONG", ben: "PASSWORD_WRONG", operator: "PASSWORD_WRONG" },
  },
  "auth.changePassword": {
    input: () => ({ currentPassword: "wrong", newPassword: "another long one" }),
    codes: { ada: "PASSWORD_WRONG", ben: "PASSWORD_WRONG", operator: "PASSWORD_WRONG" },
  },
  "auth.confirmEmail": {
    input: () => ({ token: UNKNOWN_TOKEN }),
    codes: same("MAIL_TOKEN_INVALID"),
  },
  "auth.requestEmailConfirmation": { input: nothing, codes: nameless },
  "auth.requestEmailChange": { input: nothing, codes: nameless },
  "auth.replaceEmail": {
    input: (w) => ({ token: UNKNOWN_TOKEN, email: `y${w.startsAtMs}@stoa.test` }),
    codes: { ada: "MAIL_TOKEN_INVALID", ben: "MAIL_TOKEN_INVALID", operator: "MAIL_TOKEN_INVALID" },
  },
  "auth.undoEmailChange": {
    input: () => ({ token: UNKNOWN_TOKEN }),
    codes: same("MAIL_TOKEN_INVALID"),
  },
  "auth.lookupPasswordReset": {
    input: () => ({ token: UNKNOWN_TOKEN }),
    codes: same("MAIL_TOKEN_INVALID"),
  },
  "auth.requestPasswordReset": {
    input: () => ({ email: "nobody@stoa.test" }),
    codes: same("OK"),
  },
  "auth.lookupMailToken": {
    input: () => ({ token: UNKNOWN_TOKEN }),
    codes: same("MAIL_TOKEN_INVALID"),
  },
  "auth.resetPassword": {
    input: () => ({ token: UNKNOWN_TOKEN, newPassword: "another long one" }),
    codes: same("MAIL_TOKEN_INVALID"),
  },
  "auth.enrolTotp": { input: nothing },
  "auth.confirmTotp": { input: () => ({ code: "000000" }) },
  "auth.removeTotp": { input: () => ({ currentPassword: PASSWORD, otp: "000000" }) },
  "auth.newRecoveryCodes": { input: () => ({ otp: "000000" }) },
  "auth.becomeOperator": {
    input: () => ({ token: UNKNOWN_TOKEN }),
    codes: {
      ada: "OPERATOR_TOKEN_INVALID",
      ben: "OPERATOR_TOKEN_INVALID",
      operator: "OPERATOR_TOKEN_INVALID",
    },
  },
  "auth.subscribe": { input: nothing },
  "auth.revokeSession": {
    after: SESSION,
    input: (w) => ({ sessionId: kept(w, "session") }),
    codes: { ada: "OK", ben: "SESSION_NOT_FOUND", operator: "SESSION_NOT_FOUND" },
    endsSession: true,
  },
  "auth.signOut": { input: nothing, endsSession: true },
  "auth.signOutEverywhere": { input: nothing, endsSession: true },
};
