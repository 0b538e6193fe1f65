import { call, type Output } from "../api.ts";
import { dayName, time } from "../format.ts";
import { href } from "../router.ts";
import { nowMs } from "../ticking.ts";
import { Availability } from "../ui/availability.tsx";
import { Empty, Loading, Problem, Skeleton } from "../ui/feedback.tsx";
import { Icon } from "../ui/icon.tsx";
import { useLoad } from "../ui/load.ts";
import { PageTitle } from "../ui/page-title.tsx";
import { Poster } from "../ui/poster.tsx";
import { useProgramme } from "../ui/programme.ts";

type Cinema = Output<"cinema.list">["cinemas"][number];

/** Cinemas that show their next screenings here; each of them is a subscription. */
const PREVIEWS_MAX = 12;
const NEXT_SCREENINGS = 4;

export function CinemasPage() {
  const cinemas = useLoad(async () => (await call("cinema.list", {})).cinemas, "cinemas");
  return (
    <div class="page">
      <div class="hero">
        <PageTitle title="Cinemas">Take your seats.</PageTitle>
        <p class="lead">
          Every hall is live: you see seats go as others choose, and what you hold is yours alone
          until the clock runs out.
        </p>
      </div>
      <Loading of={cinemas} lines={2} shape="card" />
      {cinemas.value?.length === 0 && (
        <Empty icon="hall" title="No cinema yet">
          <p>An operator can add the first one on the operator’s page.</p>
        </Empty>
      )}
      <ul class="cinemas">
        {cinemas.value?.map((cinema, at) => (
          <CinemaCard key={cinema.id} cinema={cinema} preview={at < PREVIEWS_MAX} />
        ))}
      </ul>
    </div>
  );
}

function CinemaCard(props: { readonly cinema: Cinema; readonly preview: boolean }) {
  const { cinema } = props;
  const to = href("cinemas", cinema.id);
  return (
    <li class="cinema-card">
      <div class="spread">
        <div>
          <h2>
            <a href={to}>{cinema.name}</a>
          </h2>
          <p class="soft cinema-place">
            <Icon name="place" size={16} />
            {[cinema.address, cinema.city].filter(Boolean).join(", ")}
          </p>
        </div>
        <a class="button" href={to} aria-label={`Whole programme of ${cinema.name}`}>
          Whole programme
        </a>
      </div>
      {props.preview && <NextScreenings cinemaId={cinema.id} />}
    </li>
  );
}

function NextScreenings({ cinemaId }: { readonly cinemaId: number }) {
  const programme = useProgramme(cinemaId);
  if (programme.error !== undefined) return <Problem error={programme.error} />;
  if (programme.screenings === undefined) return <Skeleton lines={1} shape="strip" />;
  const next = programme.screenings
    .filter(({ startsAtMs }) => startsAtMs > nowMs.value)
    .slice(0, NEXT_SCREENINGS);
  if (next.length === 0) return <p class="soft">Nothing is announced at the moment.</p>;
  return (
    <ul class="next-screenings">
      {next.map((screening) => (
        <li key={screening.id}>
          <a class="film-tile" href={href("screenings", screening.id)}>
            <Poster title={screening.title} />
            <span class="film-tile-text">
              <strong class="film-tile-title">{screening.title}</strong>
              <span class="soft small">
                {dayName(screening.startsAtMs, nowMs.value, "short")}, {time(screening.startsAtMs)}
              </span>
              <Availability counts={screening.counts} />
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
