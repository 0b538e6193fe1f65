import { href } from "../../router.ts";

const DESKS = [
  { id: "cinemas", text: "Cinemas", to: href("operator") },
  { id: "wallets", text: "Wallets", to: href("operator", "wallets") },
] as const;

/** The operators' desks: one for each service they look after. */
export function DeskTabs({ current }: { readonly current: (typeof DESKS)[number]["id"] }) {
  return (
    <nav class="tabs" aria-label="Desks">
      {DESKS.map(({ id, text, to }) => (
        <a key={id} href={to} aria-current={id === current ? "page" : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}
