import { z } from "zod";
import { Empty, type ModuleWire } from "../../../core/schema.ts";
import { authWire } from "../../auth/types.ts";
import { Overview } from "./shapes.ts";

const auth = authWire.methods;
const { shape: Registration } = auth["auth.register"].input;
const { shape: Login } = auth["auth.login"].input;
const { shape: Reset } = auth["auth.resetPassword"].input;
const { shape: Replacement } = auth["auth.replaceEmail"].input;

/** Typed a second time: whether it is the same is found out with the rest of the call. */
const Confirmation = z.string().max(128);

/** What a sign-in answers. Over HTTP the answer also sets the session cookie. */
const SignedIn = Overview.extend({
  /** 30 minutes, for `Authorization: Bearer`. */
  auth_token: z.string(),
  /** Good for one refresh, for two weeks. */
  refresh_token: z.string(),
});

const NewPassword = {
  new_password: Reset.newPassword,
  /** The same as `new_password`. */
  new_password_confirmation: Confirmation,
};

/** The requests of document 002 about accounts, in its words, on the methods of auth. */
export const chatAccountsWire = {
  methods: {
    "chat.register": {
      input: z.strictObject({
        email: Registration.email.unwrap(),
        password: Registration.password,
        /** The email address, when absent. */
        display_name: Registration.displayName,
      }),
      output: SignedIn,
    },
    "chat.login": {
      /** `email` may be a username as well; `otp` is needed where an app is enrolled. */
      input: z.strictObject({ email: Login.username, password: Login.secret, otp: Login.otp }),
      output: SignedIn,
    },
    "chat.refresh": {
      input: z.strictObject({ token: auth["auth.refresh"].input.shape.refreshToken }),
      output: SignedIn,
    },
    /** Tells whose password the link resets, and uses nothing up. */
    "chat.confirmPasswordReset": {
      input: z.strictObject({ token: Reset.token }),
      output: z.strictObject({
        success: z.literal(true),
        user: Overview.shape.users.element,
      }),
    },
    "chat.resetPassword": {
      input: z.strictObject({
        token: Reset.token,
        /** Ignored: whoever resets a password has forgotten it. */
        password: z.string().max(128).optional(),
        ...NewPassword,
        otp: Reset.otp,
      }),
      /**
       * Whether there are conversations that the password never opened: the passphrase or the
       * recovery key still does.
       */
      output: z.strictObject({ keys_locked: z.boolean() }),
    },
    "chat.changePassword": {
      input: z.strictObject({ password: Login.secret, ...NewPassword }),
      output: Empty,
    },
    "chat.changeEmail": {
      /** `token` is the one that `/api/token/email_change` mails. */
      input: z.strictObject({
        token: Replacement.token,
        email: Replacement.email,
        password: Login.secret,
      }),
      output: Empty,
    },
  },
  subscriptions: {},
} satisfies ModuleWire;
