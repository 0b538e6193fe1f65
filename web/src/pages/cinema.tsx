import { useState } from "preact/hooks";
import { call } from "../api.ts";
import { dayKey, dayName, length, money, time } from "../format.ts";
import { href } from "../router.ts";
import { nowMs } from "../ticking.ts";
import { Availability } from "../ui/availability.tsx";
import { Empty, Problem, Skeleton } from "../ui/feedback.tsx";
import { Icon } from "../ui/icon.tsx";
import { useLoad } from "../ui/load.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { Poster } from "../ui/poster.tsx";
import { type ScreeningSummary, useProgramme } from "../ui/programme.ts";

/** A film's screenings of one day. */
interface Film {
  readonly title: string;
  readonly screenings: ScreeningSummary[];
}

export function CinemaPage({ cinemaId }: { readonly cinemaId: number }) {
  const cinema = useLoad(() => call("cinema.getOne", { id: cinemaId }), String(cinemaId));
  const programme = useProgramme(cinemaId);
  const [chosenDay, setChosenDay] = useState<string>();
  const days = groupByDay(programme.screenings ?? []);
  const day = days.find(({ key }) => key === chosenDay) ?? days[0];
  return (
    <div class="page">
      <div class="stack tight">
        <a class="back" href="#/">
          <Icon name="back" size={18} /> All cinemas
        </a>
        <PageTitle title={cinema.value?.name ?? "Cinema"} />
        {cinema.value && (
          <p class="soft cinema-place">
            <Icon name="place" size={16} />
            {[cinema.value.address, cinema.value.city].filter(Boolean).join(", ")}
          </p>
        )}
      </div>
      <Problem error={cinema.error ?? programme.error} retry={cinema.reload} />
      {programme.screenings === undefined && cinema.error === undefined && (
        <Skeleton lines={3} shape="card" />
      )}
      {programme.screenings?.length === 0 && (
        <Empty icon="ticket" title="Nothing is announced yet">
          <p>Look in again: new screenings appear here by themselves.</p>
        </Empty>
      )}
      {day !== undefined && (
        <>
          <div class="days" role="group" aria-label="Day">
            {days.map(({ key, firstMs }) => (
              <button
                key={key}
                type="button"
                aria-pressed={key === day.key}
                onClick={() => setChosenDay(key)}
              >
                {dayName(firstMs, nowMs.value, "short")}
              </button>
            ))}
          </div>
          <ul class="films" aria-label={`Films, ${dayName(day.firstMs, nowMs.value)}`}>
            {day.films.map((film) => (
              <FilmCard key={film.title} film={film} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

interface Day {
  readonly key: string;
  readonly firstMs: number;
  readonly films: Film[];
}

/** Screenings come by time; a film stands where its first screening of the day does. */
function groupByDay(screenings: readonly ScreeningSummary[]): Day[] {
  const days: Day[] = [];
  for (const screening of screenings) {
    const key = dayKey(screening.startsAtMs);
    let day = days.find((known) => known.key === key);
    if (day === undefined) {
      day = { key, firstMs: screening.startsAtMs, films: [] };
      days.push(day);
    }
    const film = day.films.find(({ title }) => title === screening.title);
    if (film === undefined) day.films.push({ title: screening.title, screenings: [screening] });
    else film.screenings.push(screening);
  }
  return days;
}

function FilmCard({ film }: { readonly film: Film }) {
  const first = film.screenings[0];
  if (first === undefined) return null;
  return (
    <li class="film">
      <Poster title={film.title} />
      <div class="stack tight">
        <h2>{film.title}</h2>
        <p class="soft small">{length(first.durationMinutes)}</p>
        {first.description !== "" && <p class="film-text">{first.description}</p>}
        <ul class="showings">
          {film.screenings.map((screening) => (
            <Showing key={screening.id} screening={screening} />
          ))}
        </ul>
      </div>
    </li>
  );
}

function Showing({ screening }: { readonly screening: ScreeningSummary }) {
  const started = screening.startsAtMs <= nowMs.value;
  const cheapest = Math.min(...Object.values(screening.prices));
  const from = money(cheapest, screening.currency);
  return (
    <li>
      <a class={started ? "showing started" : "showing"} href={href("screenings", screening.id)}>
        <span class="spread">
          <strong class="showing-time">{time(screening.startsAtMs)}</strong>
          <span class="soft small">from {from}</span>
        </span>
        <span class="soft small">{screening.hallName}</span>
        {started ? (
          <span class="small">Has started</span>
        ) : (
          <Availability counts={screening.counts} />
        )}
      </a>
    </li>
  );
}
