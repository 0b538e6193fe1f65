import { Field } from "./field.tsx";

/** Fields of what proves who somebody is, by which password managers and phones know them. */

interface CredentialProps {
  readonly label?: string;
  readonly value: string;
  readonly required?: boolean;
  readonly isFirst?: boolean;
  readonly hint?: string;
  readonly problem: string | undefined;
  onValue(value: string): void;
}

export function CurrentPassword({ label = "Current password", ...props }: CredentialProps) {
  const shared = { type: "password", autocomplete: "current-password", maxLength: 128 } as const;
  return <Field {...props} {...shared} label={label} />;
}

export function NewPassword({ label = "New password", ...props }: CredentialProps) {
  return (
    <Field
      {...props}
      label={label}
      type="password"
      autocomplete="new-password"
      required
      maxLength={128}
      hint="At least 8 characters. Long is better than complicated."
    />
  );
}

/** Six digits of an authenticator app; where it says so, a recovery code is taken as well. */
export function CodeField({
  label = "Code of your authenticator app",
  takesRecovery = false,
  ...props
}: CredentialProps & { readonly takesRecovery?: boolean }) {
  return (
    <Field
      {...props}
      label={label}
      look="code"
      autocomplete="one-time-code"
      inputMode={/[a-z-]/i.test(props.value) ? "text" : "numeric"}
      required
      maxLength={takesRecovery ? 11 : 6}
    />
  );
}

/** Asked for by a service that has found out that the password alone is not enough. */
export function SecondFactor(props: Omit<CredentialProps, "label" | "hint">) {
  const hint = "This account is protected by a code as well. A recovery code works too.";
  return <CodeField {...props} takesRecovery hint={hint} />;
}
