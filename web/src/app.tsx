import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { BookingsPage } from "./pages/bookings.tsx";
import { CinemaPage } from "./pages/cinema.tsx";
import { CinemasPage } from "./pages/cinemas.tsx";
import { NotFoundPage } from "./pages/not-found.tsx";
import { ScreeningPage } from "./pages/screening.tsx";
import { SignInPage } from "./pages/sign-in.tsx";
import { href, location, redirect, signInHref } from "./router.ts";
import { account, isOperator } from "./session.ts";
import { isDark, toggleTheme } from "./theme.ts";
import { IconButton } from "./ui/button.tsx";
import { Empty, Skeleton } from "./ui/feedback.tsx";
import { Icon, type IconName, Mark } from "./ui/icon.tsx";
import { lazy } from "./ui/lazy.tsx";
import { ConnectionBanner, Live } from "./ui/live.tsx";

// Pages that most visits do not need come when they are opened.
const AccountPage = lazy(async () => (await import("./pages/account.tsx")).AccountPage);
const OperatorPage = lazy(async () => (await import("./pages/operator.tsx")).OperatorPage);
const WalletsPage = lazy(async () => (await import("./pages/wallets.tsx")).WalletsPage);
const ConfirmEmailPage = lazy(async () => (await import("./pages/mail.tsx")).ConfirmEmailPage);
const ForgotPage = lazy(async () => (await import("./pages/mail.tsx")).ForgotPage);
const ChangeEmailPage = lazy(
  async () => (await import("./pages/change-of-address.tsx")).ChangeEmailPage,
);
const UndoEmailChangePage = lazy(
  async () => (await import("./pages/change-of-address.tsx")).UndoEmailChangePage,
);
const ResetPage = lazy(async () => (await import("./pages/mail.tsx")).ResetPage);

function Page() {
  const [first, second, ...rest] = location.value.path;
  switch (first) {
    case undefined:
      return <CinemasPage />;
    case "cinemas":
      return <CinemaPage key={second} cinemaId={Number(second)} />;
    case "screenings":
      return <ScreeningPage key={second} screeningId={second ?? ""} />;
    case "sign-in":
      return <SignInPage />;
    case "forgot-password":
      return <ForgotPage />;
    case "reset-password":
      return <ResetPage token={second ?? ""} />;
    case "confirm-email":
      return <ConfirmEmailPage token={second ?? ""} />;
    case "undo-email-change":
      return <UndoEmailChangePage token={second ?? ""} />;
    case "change-email":
      return (
        <SignedIn>
          <ChangeEmailPage token={second ?? ""} />
        </SignedIn>
      );
    case "bookings":
      return (
        <SignedIn>
          <BookingsPage />
        </SignedIn>
      );
    case "wallets":
      return (
        <SignedIn>
          <WalletsPage path={second === undefined ? [] : [second, ...rest]} />
        </SignedIn>
      );
    case "account":
      return (
        <SignedIn>
          <AccountPage />
        </SignedIn>
      );
    case "operator":
      return (
        <SignedIn>
          <OperatorsOnly>
            <OperatorPage path={second === undefined ? [] : [second, ...rest]} />
          </OperatorsOnly>
        </SignedIn>
      );
    default:
      return <NotFoundPage />;
  }
}

/** Sends whoever is not signed in to do so, and back here. */
function SignedIn({ children }: { readonly children: ComponentChildren }) {
  const person = account.value;
  useEffect(() => {
    if (person === null) redirect(signInHref());
  }, [person]);
  return person == null ? <Skeleton lines={4} /> : children;
}

function OperatorsOnly({ children }: { readonly children: ComponentChildren }) {
  if (isOperator.value) return children;
  return (
    <Empty icon="lock" title="This page is for operators">
      <p>
        Operators look after cinemas, halls and screenings. If that is you, ask whoever runs this
        installation for a token and enter it on your account page.
      </p>
      <a class="button" href={href("account")}>
        Go to your account
      </a>
    </Empty>
  );
}

function NavLink(props: {
  readonly to: string;
  readonly icon: IconName;
  readonly text: string;
  readonly current: boolean;
}) {
  return (
    <a href={props.to} aria-current={props.current ? "page" : undefined}>
      <Icon name={props.icon} />
      <span>{props.text}</span>
    </a>
  );
}

function Header() {
  const [first] = location.value.path;
  const person = account.value;
  return (
    <header class="curtain">
      <div class="curtain-inside">
        <a class="brand" href="#/" aria-label="Stoa, all cinemas">
          <Mark />
          <span>Stoa</span>
        </a>
        <nav aria-label="Main">
          {person != null && (
            <NavLink
              to={href("bookings")}
              icon="ticket"
              text="My bookings"
              current={first === "bookings"}
            />
          )}
          {person != null && (
            <NavLink
              to={href("wallets")}
              icon="wallet"
              text="Wallets"
              current={first === "wallets"}
            />
          )}
          {isOperator.value && (
            <NavLink
              to={href("operator")}
              icon="hall"
              text="Operator"
              current={first === "operator"}
            />
          )}
          {person != null && (
            <NavLink
              to={href("account")}
              icon="user"
              text={person.displayName || person.username || "Account"}
              current={first === "account"}
            />
          )}
          {person === null && first !== "sign-in" && (
            <NavLink to={signInHref()} icon="user" text="Sign in" current={false} />
          )}
        </nav>
        <IconButton
          icon={isDark() ? "lampOn" : "lampOff"}
          label={isDark() ? "Turn the house lights on" : "Turn the house lights off"}
          onPress={toggleTheme}
        />
      </div>
    </header>
  );
}

export function App() {
  const path = location.value.path.join("/");
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <>
      <button
        type="button"
        class="skip"
        // A link would change the hash, which is the router's.
        onClick={() => document.getElementById("main")?.focus()}
      >
        Skip to the content
      </button>
      <Header />
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        <Page />
      </main>
      <Live />
    </>
  );
}
