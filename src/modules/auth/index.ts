import type { Authenticator } from "../../core/actor.ts";
import type { Module } from "../../core/module.ts";
import { newToken } from "../../core/random.ts";
import type { UnitOfWork } from "../../core/unit-of-work.ts";
import { type AuthenticatorParts, SessionAuthenticator } from "./authenticator/authenticator.ts";
import { revocationEvents } from "./authenticator/revocations.ts";
import { hashToken } from "./credentials/tokens.ts";
import { demoAccounts, fillDemo } from "./demo/fill-demo.ts";
import { endSessionsJob } from "./jobs/end-sessions.ts";
import { mailResetsJob } from "./jobs/mail-resets.ts";
import { resealJob } from "./jobs/reseal.ts";
import { trimJob } from "./jobs/trim.ts";
import { becomeOperator } from "./methods/becomeOperator.ts";
import { changeEmail } from "./methods/changeEmail.ts";
import { changePassword } from "./methods/changePassword.ts";
import { confirm } from "./methods/confirm.ts";
import { confirmEmail } from "./methods/confirmEmail.ts";
import { confirmTotp } from "./methods/confirmTotp.ts";
import { enrolTotp } from "./methods/enrolTotp.ts";
import { listSecurityEvents } from "./methods/listSecurityEvents.ts";
import { listSessions } from "./methods/listSessions.ts";
import { login } from "./methods/login.ts";
import { lookupMailToken } from "./methods/lookupMailToken.ts";
import { lookupPasswordReset } from "./methods/lookupPasswordReset.ts";
import { me } from "./methods/me.ts";
import { newRecoveryCodes } from "./methods/newRecoveryCodes.ts";
import { refresh } from "./methods/refresh.ts";
import { register } from "./methods/register.ts";
import { removeTotp } from "./methods/removeTotp.ts";
import { replaceEmail } from "./methods/replaceEmail.ts";
import { requestEmailChange } from "./methods/requestEmailChange.ts";
import { requestEmailConfirmation } from "./methods/requestEmailConfirmation.ts";
import { requestPasswordReset } from "./methods/requestPasswordReset.ts";
import { resetPassword } from "./methods/resetPassword.ts";
import { revokeSession } from "./methods/revokeSession.ts";
import { session } from "./methods/session.ts";
import { signOut } from "./methods/signOut.ts";
import { signOutEverywhere } from "./methods/signOutEverywhere.ts";
import { start } from "./methods/start.ts";
import { undoEmailChange } from "./methods/undoEmailChange.ts";
import { updateProfile } from "./methods/updateProfile.ts";
import { rest } from "./rest.ts";
import { insertOperatorToken } from "./store/operator-tokens.ts";
import { subscribe } from "./subscriptions/subscribe.ts";
import { type AuthKit, type AuthParts, createKit } from "./wiring/parts.ts";

export { findPeople, listPeople, type PersonRecord } from "./store/people.ts";
export type { AuthParts } from "./wiring/parts.ts";

/** Every method of the module, for documents that have some of them in words of their own. */
export type AuthMethods = ReturnType<typeof createMethods>;

export interface Auth extends Module {
  readonly methods: AuthMethods;
  /** Proves who calls, for the pipeline. `start` it before the first call. */
  authenticator(
    parts: Omit<AuthenticatorParts, "tokens">,
  ): Authenticator & { start(): Promise<void>; close(): void };
  /** A token that makes whoever brings it to `auth.becomeOperator` an operator, once, for a day. */
  createOperatorToken(work: UnitOfWork): Promise<string>;
  /** The accounts of the demo's people by their usernames, as far as there are any. */
  demoAccounts(work: UnitOfWork): Promise<ReadonlyMap<string, string>>;
}

const OPERATOR_TOKEN_MS_MAX = 24 * 60 * 60_000;

/** Accounts, sessions, and every way in. */
export function createAuth(parts: AuthParts): Auth {
  const { clock, ids, random } = parts;
  const kit = createKit(parts);
  return {
    name: "auth",
    methods: createMethods(kit),
    urgency: "sign-in",
    subscriptions: { subscribe },
    rest,
    internalEvents: revocationEvents,
    jobs: [endSessionsJob(clock), mailResetsJob(kit, clock), trimJob(clock), resealJob(kit)],
    fillDemo: (context) => fillDemo(kit, { clock, ids }, context),
    authenticator: (app) => new SessionAuthenticator({ ...app, tokens: kit.tokens }),
    async createOperatorToken(work) {
      const token = newToken(random);
      const expiresAtMs = clock.nowMs() + OPERATOR_TOKEN_MS_MAX;
      await work.write(({ tx }) => insertOperatorToken(tx, hashToken(token), expiresAtMs));
      return token;
    },
    demoAccounts,
  };
}

function createMethods(kit: AuthKit) {
  return {
    start: start(kit),
    confirm: confirm(kit),
    register: register(kit),
    login: login(kit),
    refresh: refresh(kit),
    session: session(kit),
    signOut,
    signOutEverywhere: signOutEverywhere(kit),
    me,
    updateProfile,
    listSessions,
    revokeSession,
    changePassword: changePassword(kit),
    changeEmail: changeEmail(kit),
    confirmEmail: confirmEmail(kit),
    requestEmailConfirmation: requestEmailConfirmation(kit),
    requestEmailChange: requestEmailChange(kit),
    replaceEmail: replaceEmail(kit),
    undoEmailChange: undoEmailChange(kit),
    requestPasswordReset,
    lookupMailToken,
    lookupPasswordReset,
    resetPassword: resetPassword(kit),
    enrolTotp: enrolTotp(kit),
    confirmTotp: confirmTotp(kit),
    removeTotp: removeTotp(kit),
    newRecoveryCodes: newRecoveryCodes(kit),
    listSecurityEvents,
    becomeOperator: becomeOperator(kit),
  };
}
