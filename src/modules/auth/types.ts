import { z } from "zod";
import { Empty, LINE, LINES, type ModuleWire, TimestampMs, Uuid } from "../../core/schema.ts";

const PASSWORD_CHARS_MIN = 8;
const PASSWORD_CHARS_MAX = 128;

/** Before normalisation, which may make a text shorter or longer. */
const TYPED_CHARS_MAX = 254;
/** RFC 5321 §4.5.3.1.3, without the angle brackets. */
const EMAIL_CHARS_MAX = 254;
const DisplayName = z.string().trim().max(80).regex(LINE, "expected one line of text");

/**
 * The name a person signs in with, in Unicode's form NFKC, so that what looks the same is the
 * same. It has no `@`, so that it is never taken for an address.
 */
export const Username = z
  .string()
  .trim()
  .max(TYPED_CHARS_MAX)
  .normalize("NFKC")
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{N}._-]{0,30}[\p{L}\p{N}])?$/u, "expected a name, 1 to 32 long");
export const Email = z
  .string()
  .trim()
  .max(TYPED_CHARS_MAX)
  .normalize("NFKC")
  .max(EMAIL_CHARS_MAX)
  .regex(
    /^[^\s\p{Cc}@"(),:;<>[\]\\]{1,64}@[^\s\p{Cc}@"(),:;<>[\]\\]+\.[^\s\p{Cc}@"(),:;<>[\]\\.]{2,63}$/u,
    { message: "expected an email address" },
  );
/** Any characters; no composition rules; each counts as one, also an emoji (NIST SP 800-63B-4). */
const NewPassword = z
  .string()
  .max(PASSWORD_CHARS_MAX)
  .refine(
    (text) => [...text].length >= PASSWORD_CHARS_MIN,
    `expected at least ${PASSWORD_CHARS_MIN} characters`,
  )
  .meta({ minLength: PASSWORD_CHARS_MIN });
/** A password to be checked, also one from before a rule changed. */
const GivenPassword = z.string().min(1).max(PASSWORD_CHARS_MAX);
/** Six digits of the authenticator app, or a recovery code `xxxxx-xxxxx`. */
const OneTimeCode = z
  .string()
  .trim()
  .regex(/^(\d{6}|[0-9A-Za-z]{5}-?[0-9A-Za-z]{5})$/, "expected six digits or a recovery code");
const SixDigits = z.string().regex(/^\d{6}$/, "expected six digits");
/** A secret reference of 256 bits in base64url. */
export const Token = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "expected a token");

export const Account = z.strictObject({
  id: Uuid,
  /** The account's integer id, for clients that want one. */
  number: z.int(),
  username: z.string().nullable(),
  email: z.string().nullable(),
  emailConfirmed: z.boolean(),
  displayName: z.string(),
  description: z.string(),
  operator: z.boolean(),
  hasPassword: z.boolean(),
  hasTotp: z.boolean(),
  recoveryCodesLeft: z.int(),
  createdAtMs: TimestampMs,
});
export type Account = z.infer<typeof Account>;

export const Session = z.strictObject({
  id: Uuid,
  address: z.string(),
  userAgent: z.string(),
  createdAtMs: TimestampMs,
  lastSeenAtMs: TimestampMs,
  expiresAtMs: TimestampMs,
});
export type Session = z.infer<typeof Session>;

/** What a sign-in answers. Over HTTP the answer also sets the session cookie. */
export const SignedIn = z.strictObject({
  /** The access token, 30 minutes, for `Authorization: Bearer`. */
  token: z.string(),
  expiresAtMs: TimestampMs,
  /** Good for one `auth.refresh`. */
  refreshToken: z.string(),
  refreshExpiresAtMs: TimestampMs,
  account: Account,
});
export type SignedIn = z.infer<typeof SignedIn>;

export const SecurityEvent = z.strictObject({
  id: Uuid,
  kind: z.enum([
    "signed_in",
    "sign_in_failed_often",
    "refresh_token_reused",
    "password_changed",
    "password_reset",
    "email_changed",
    "email_restored",
    "totp_enrolled",
    "totp_removed",
    "recovery_codes_made",
    "recovery_code_used",
    "signed_out_everywhere",
    "operator_granted",
  ]),
  address: z.string(),
  userAgent: z.string(),
  atMs: TimestampMs,
});
export type SecurityEvent = z.infer<typeof SecurityEvent>;

/** What a link in a mail is for. */
export const MailPurpose = z.enum([
  "confirm_email",
  "change_email",
  "reset_password",
  "permit_email",
]);
export type MailPurpose = z.infer<typeof MailPurpose>;

const Profile = z.strictObject({
  username: Username.optional(),
  displayName: DisplayName.optional(),
  description: z.string().trim().max(500).regex(LINES, "expected text").optional(),
});

const RecoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) });
const Enrolment = {
  /** A picture, as a data URL. */
  qr_code: z.string(),
  /** The same secret in base32, for typing. */
  secret: z.string(),
};

/** The people of an installation that was filled to be tried out; outside production only. */
export const DEMO_PASSWORD = "stoa demo seats";
export const DEMO_PEOPLE = [
  { username: "olivia", displayName: "Olivia", operator: true },
  { username: "ada", displayName: "Ada", operator: false },
  { username: "ben", displayName: "Ben", operator: false },
  { username: "chloe", displayName: "Chloe", operator: false },
] as const;

/** The wire contract of the module. */
export const authWire = {
  methods: {
    "auth.start": {
      input: z.strictObject({ username: Username }),
      output: z.discriminatedUnion("status", [
        z.strictObject({ status: z.literal("user") }),
        z.strictObject({
          status: z.literal("candidate"),
          ...Enrolment,
          /** To be handed back to `auth.confirm`. */
          challenge: z.string(),
        }),
      ]),
    },
    "auth.confirm": {
      input: z.strictObject({
        username: Username,
        code: OneTimeCode,
        challenge: z.string().max(2_000).optional(),
      }),
      /** A candidate becomes an account and gets its recovery codes, this once. */
      output: SignedIn.extend({ recoveryCodes: z.array(z.string()).optional() }),
    },
    "auth.register": {
      input: z
        .strictObject({
          username: Username.optional(),
          email: Email.optional(),
          password: NewPassword,
          displayName: DisplayName.optional(),
        })
        .refine(({ username, email }) => username !== undefined || email !== undefined, {
          path: ["username"],
          message: "expected a username or an email address",
        })
        .meta({ anyOf: [{ required: ["username"] }, { required: ["email"] }] }),
      output: SignedIn,
    },
    "auth.login": {
      /** `username` is a username or an email address, `secret` the password. */
      input: z.strictObject({
        username: z
          .string()
          .trim()
          .min(1)
          .max(TYPED_CHARS_MAX)
          .regex(LINE, "expected a name or an email address"),
        secret: GivenPassword,
        otp: OneTimeCode.optional(),
      }),
      output: SignedIn,
    },
    "auth.refresh": {
      input: z.strictObject({ refreshToken: Token }),
      output: SignedIn,
    },
    /** Exchanges an access token for the session cookie, for clients that signed in by socket. */
    "auth.session": {
      input: z.strictObject({ token: z.string().min(1).max(4_096) }),
      output: z.strictObject({ account: Account, expiresAtMs: TimestampMs }),
    },
    "auth.signOut": { input: Empty, output: Empty },
    "auth.signOutEverywhere": { input: Empty, output: Empty },
    "auth.me": {
      input: Empty,
      output: z.strictObject({ account: Account, session: Session }),
    },
    "auth.updateProfile": { input: Profile, output: Account },
    "auth.listSessions": {
      input: Empty,
      output: z.strictObject({ sessions: z.array(Session.extend({ current: z.boolean() })) }),
    },
    "auth.revokeSession": { input: z.strictObject({ sessionId: Uuid }), output: Empty },
    "auth.changePassword": {
      /** Without the current password only soon after signing in, or when there is none yet. */
      input: z.strictObject({
        currentPassword: GivenPassword.optional(),
        newPassword: NewPassword,
      }),
      output: Empty,
    },
    "auth.changeEmail": {
      input: z.strictObject({ email: Email, currentPassword: GivenPassword.optional() }),
      output: Empty,
    },
    /** Mails the link once more that confirms the account's own address, if that is needed. */
    "auth.requestEmailConfirmation": { input: Empty, output: Empty },
    /** Mails a permit for `auth.replaceEmail` to the account's present address. */
    "auth.requestEmailChange": { input: Empty, output: Empty },
    "auth.replaceEmail": {
      input: z.strictObject({
        token: Token,
        email: Email,
        currentPassword: GivenPassword.optional(),
      }),
      output: Empty,
    },
    "auth.undoEmailChange": { input: z.strictObject({ token: Token }), output: Empty },
    "auth.confirmEmail": { input: z.strictObject({ token: Token }), output: Account },
    "auth.requestPasswordReset": { input: z.strictObject({ email: Email }), output: Empty },
    "auth.lookupMailToken": {
      input: z.strictObject({ token: Token }),
      output: z.strictObject({
        purpose: MailPurpose,
        expiresAtMs: TimestampMs,
      }),
    },
    /** Whose password a link resets. */
    "auth.lookupPasswordReset": {
      input: z.strictObject({ token: Token }),
      output: z.strictObject({ id: Uuid, email: z.string(), displayName: z.string() }),
    },
    "auth.resetPassword": {
      input: z.strictObject({
        token: Token,
        newPassword: NewPassword,
        otp: OneTimeCode.optional(),
      }),
      output: Empty,
    },
    "auth.enrolTotp": { input: Empty, output: z.strictObject(Enrolment) },
    "auth.confirmTotp": { input: z.strictObject({ code: SixDigits }), output: RecoveryCodes },
    "auth.removeTotp": {
      input: z.strictObject({ currentPassword: GivenPassword, otp: OneTimeCode }),
      output: Empty,
    },
    "auth.newRecoveryCodes": { input: z.strictObject({ otp: SixDigits }), output: RecoveryCodes },
    "auth.listSecurityEvents": {
      input: z.strictObject({
        before: Uuid.optional(),
        limit: z.int().min(1).max(100).default(20),
      }),
      output: z.strictObject({ events: z.array(SecurityEvent), more: z.boolean() }),
    },
    /** Makes the caller an operator, with the one-time token that `stoa admin` prints. */
    "auth.becomeOperator": { input: z.strictObject({ token: Token }), output: Account },
  },
  subscriptions: {
    "auth.subscribe": {
      input: Empty,
      state: z.strictObject({ account: Account, sessions: z.array(Session) }),
      events: {
        "auth.accountChanged": z.strictObject({ account: Account }),
        "auth.sessionsChanged": z.strictObject({ sessions: z.array(Session) }),
        "auth.securityEvent": SecurityEvent,
      },
    },
  },
} satisfies ModuleWire;
