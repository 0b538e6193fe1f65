import type { ComponentChildren } from "preact";

/** Ground, far, near, light: four colours of a print. */
type Inks = readonly [ground: string, far: string, near: string, light: string];

const INKS: readonly Inks[] = [
  ["#2b1420", "#7a1f3a", "#c8553d", "#f4c27a"],
  ["#10262b", "#1f5a5c", "#d98e4a", "#f6e3bd"],
  ["#1e2140", "#3f4c8c", "#a86a8f", "#f3cfa8"],
  ["#2a2417", "#6b5b2a", "#b5893b", "#f7e7c3"],
  ["#14251a", "#3a6b45", "#a8a84a", "#f4e9b8"],
  ["#33170f", "#8c3b1f", "#e0803a", "#fbe0a8"],
  ["#221a2e", "#5d3f75", "#b56b7a", "#f8d7b4"],
];

/** FNV-1a: spreads titles over the prints, the same one each time. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return value >>> 0;
}

type Print = (inks: Inks, turn: number) => ComponentChildren;

const PRINTS: readonly Print[] = [
  // A sun behind a colonnade.
  ([, far, near, light], turn) => (
    <>
      <circle cx={20 + turn * 20} cy="30" r="15" fill={light} />
      <path d="M0 58h60v22H0z" fill={far} />
      {[4, 18, 32, 46].map((x) => (
        <path key={x} d={`M${x} 26h10v3h-2v29h-6V29h-2z`} fill={near} />
      ))}
      <path d="M0 20h60v6H0z" fill={near} />
    </>
  ),
  // Hills at night.
  ([, far, near, light], turn) => (
    <>
      <circle cx={44 - turn * 26} cy="18" r="7" fill={light} />
      <path d="M0 50Q15 32 30 46T60 40V80H0z" fill={far} />
      <path d="M0 62Q18 46 34 60T60 56V80H0z" fill={near} />
      <path d="M0 74Q22 62 60 72V80H0z" fill={light} opacity="0.9" />
    </>
  ),
  // Waves, like folds of a curtain.
  ([, far, near, light], turn) => (
    <>
      {[0, 1, 2, 3, 4, 5].map((fold) => (
        <path
          key={fold}
          d={`M${fold * 11 - 4} 0Q${fold * 11 + 8} 40 ${fold * 11 - 4} 80H${fold * 11 + 2}Q${fold * 11 + 14} 40 ${fold * 11 + 2} 0z`}
          fill={fold % 2 === 0 ? near : far}
        />
      ))}
      <circle cx="30" cy={30 + turn * 18} r="10" fill={light} />
    </>
  ),
  // A beam of light.
  ([, far, near, light], turn) => (
    <>
      <path d={`M${6 + turn * 10} 8 60 34V66L0 80V70z`} fill={far} />
      <path d={`M${6 + turn * 10} 8 52 50 20 74z`} fill={near} />
      <circle cx={6 + turn * 10} cy="9" r="6" fill={light} />
      <ellipse cx="38" cy="64" rx="17" ry="5" fill={light} />
    </>
  ),
  // Rings around a planet.
  ([, far, near, light], turn) => (
    <>
      <circle cx="30" cy="38" r="24" fill={far} />
      <circle cx="30" cy="38" r="16" fill={near} />
      <circle cx={30 + turn * 6} cy="35" r="8" fill={light} />
      <path
        d="M0 52Q30 30 60 26"
        stroke={light}
        stroke-width="2.5"
        fill="none"
        stroke-linecap="round"
      />
    </>
  ),
  // Stairs up to a door.
  ([, far, near, light], turn) => (
    <>
      {[0, 1, 2, 3, 4].map((step) => (
        <path
          key={step}
          d={`M${step * 6} ${72 - step * 7}H${60 - step * 2}V80H${step * 6}z`}
          fill={step % 2 === 0 ? far : near}
        />
      ))}
      <path d={`M${30 + turn * 6} 44V22a8 8 0 0 1 16 0v22z`} fill={light} />
    </>
  ),
  // Birds over the sea.
  ([, far, near, light], turn) => (
    <>
      <path d="M0 54h60v26H0z" fill={far} />
      <circle cx={18 + turn * 24} cy="54" r="13" fill={light} />
      <path d="M0 62Q8 58 15 62T30 62 45 62 60 62V80H0z" fill={near} />
      <path
        d="M10 20q4-5 8 0q4-5 8 0M34 12q3-4 6 0q3-4 6 0M38 30q3-4 6 0q3-4 6 0"
        stroke={light}
        stroke-width="1.6"
        fill="none"
        stroke-linecap="round"
      />
    </>
  ),
  // A bridge.
  ([, far, near, light], turn) => (
    <>
      <circle cx={14 + turn * 32} cy="20" r="9" fill={light} />
      <path
        d="M0 44h60v6h-4a12 12 0 0 0-24 0h-4a12 12 0 0 0-24 0H0zM4 50V64h-4V50zM28 50h4V64h-4zM56 50h4V64h-4z"
        fill={near}
      />
      <path d="M0 64h60v16H0z" fill={far} />
      <path d="M8 70h20M34 74h18" stroke={light} stroke-width="1.4" stroke-linecap="round" />
    </>
  ),
  // Windows of a house at night.
  ([, far, near, light], turn) => (
    <>
      <path d="M8 22 30 8l22 14v58H8z" fill={far} />
      {[0, 1, 2, 3, 4, 5, 6, 7, 8].map((pane) => (
        <path
          key={pane}
          d={`M${14 + (pane % 3) * 12} ${28 + Math.floor(pane / 3) * 15}h8v10h-8z`}
          fill={pane === Math.floor(turn * 9) ? light : near}
        />
      ))}
    </>
  ),
];

/** A print for a film that brought no picture: made of its title, so that one knows it again. */
export function Poster({ title }: { readonly title: string }) {
  const seed = hash(title);
  const inks = INKS[seed % INKS.length] ?? INKS[0];
  const print = PRINTS[(seed >>> 4) % PRINTS.length] ?? PRINTS[0];
  if (inks === undefined || print === undefined) return null;
  return (
    <svg class="poster" viewBox="0 0 60 80" aria-hidden="true" focusable="false">
      <path d="M0 0h60v80H0z" fill={inks[0]} />
      <g transform={seed % 2 === 0 ? undefined : "matrix(-1 0 0 1 60 0)"}>
        {print(inks, ((seed >>> 9) % 100) / 100)}
      </g>
    </svg>
  );
}
