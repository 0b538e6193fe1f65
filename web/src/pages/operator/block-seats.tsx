import { useEffect, useMemo } from "preact/hooks";
import { call } from "../../api.ts";
import { count, dayName, time } from "../../format.ts";
import { href } from "../../router.ts";
import { HallView } from "../../seatmap/hall-view.tsx";
import type { LiveSeats, Look } from "../../seatmap/live-seats.ts";
import type { PlacedSeat } from "../../seatmap/plan-index.ts";
import { type ScreeningDetails, ScreeningModel } from "../../seatmap/screening-model.ts";
import { nowMs } from "../../ticking.ts";
import { announce, toast } from "../../ui/announce.ts";
import { Button } from "../../ui/button.tsx";
import { Problem, Skeleton } from "../../ui/feedback.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useAction } from "../../ui/load.ts";
import { PageTitle } from "../../ui/page-title.tsx";

/** As many as one call takes. */
const SEATS_PER_CALL_MAX = 500;

const LOOK_WORDS: Readonly<Record<Look, string>> = {
  free: "on sale",
  selected: "selected",
  mine: "held by you",
  "booked-mine": "booked by you",
  held: "held",
  booked: "booked",
  blocked: "not on sale",
};

const CHOOSABLE: ReadonlySet<Look> = new Set(["free", "selected", "blocked"]);

/** Takes seats of a screening off sale, and puts them back. */
export function BlockSeats({ screeningId }: { readonly screeningId: string }) {
  const model = useMemo(() => new ScreeningModel(screeningId, true), [screeningId]);
  useEffect(() => {
    void model.open();
    return () => model.close();
  }, [model]);
  const details = model.details.value;
  const live = model.live.value;
  return (
    <div class="page">
      <Problem error={model.error.value} retry={() => void model.open()} />
      {details !== undefined && live !== undefined ? (
        <Blocking details={details} live={live} />
      ) : (
        model.error.value === undefined && <Skeleton lines={1} shape="hall" />
      )}
    </div>
  );
}

interface BlockingProps {
  readonly details: ScreeningDetails;
  readonly live: LiveSeats;
}

function Blocking(props: BlockingProps) {
  const { details, live } = props;
  const { screening } = details;
  const choose = (seat: PlacedSeat) => {
    if (!CHOOSABLE.has(live.look(seat.id))) {
      toast(`${seat.id} is ${LOOK_WORDS[live.look(seat.id)]}: only free seats come off sale.`);
      return;
    }
    live.select([seat.id], !live.selection.has(seat.id));
    announce(`${count(live.selection.size, "seat")} selected.`);
  };
  const chooseRow = (seats: readonly PlacedSeat[]) => {
    const seatIds = seats.map(({ id }) => id).filter((id) => CHOOSABLE.has(live.look(id)));
    const all = seatIds.every((seatId) => live.selection.has(seatId));
    live.select(seatIds, !all);
    announce(`${count(live.selection.size, "seat")} selected.`);
  };
  const describe = (seat: PlacedSeat, look: Look) =>
    `${seat.id}, ${LOOK_WORDS[look]}, ${live.index.categoryName(seat.category)}`;
  return (
    <>
      <div>
        <a class="back" href={href("operator", screening.cinemaId, "screenings")}>
          <Icon name="back" size={18} /> Screenings
        </a>
        <PageTitle title="Seats on sale" />
        <p class="soft">
          {screening.title} · {dayName(screening.startsAtMs, nowMs.value)},{" "}
          {time(screening.startsAtMs)} · {screening.hallName}
        </p>
      </div>
      <HallView
        live={live}
        label="Seats of the screening. Arrow keys move, Enter selects."
        describe={describe}
        choosable={CHOOSABLE}
        hint={(seat, look) => ({ title: seat.id, text: LOOK_WORDS[look] })}
        onSeat={choose}
        onRow={chooseRow}
      />
      <Foot {...props} />
    </>
  );
}

/** What is done with the selected seats. */
function Foot(props: BlockingProps) {
  const { live } = props;
  const { screening } = props.details;
  void live.version.value;
  const selected = [...live.selection];
  const blocked = selected.filter((seatId) => live.isBlocked(seatId));
  const onSale = selected.filter((seatId) => !live.isBlocked(seatId));
  const set = useAction(async (seatIds: readonly string[], toBlocked: boolean) => {
    let changed = 0;
    for (let from = 0; from < seatIds.length; from += SEATS_PER_CALL_MAX) {
      const part = seatIds.slice(from, from + SEATS_PER_CALL_MAX);
      const answer = await call("cinema.blockSeats", {
        screeningId: screening.id,
        seatIds: part,
        blocked: toBlocked,
      });
      changed += answer.changed.length;
    }
    live.select(seatIds, false);
    const verb = changed === 1 ? "is" : "are";
    toast(`${count(changed, "seat")} ${verb} ${toBlocked ? "off sale" : "on sale again"}.`, "good");
  });
  return (
    <div class="card foot-card spread">
      <p>
        {selected.length === 0
          ? "Select seats, or a whole row by its letter."
          : `${count(selected.length, "seat")} selected.`}
      </p>
      <Problem error={set.error} />
      <div class="cluster">
        {onSale.length > 0 && (
          <Button kind="primary" busy={set.busy} onPress={() => set.run(onSale, true)}>
            Take {count(onSale.length, "seat")} off sale
          </Button>
        )}
        {blocked.length > 0 && (
          <Button busy={set.busy} onPress={() => set.run(blocked, false)}>
            Put {count(blocked.length, "seat")} on sale
          </Button>
        )}
        {selected.length > 0 && (
          <Button kind="quiet" onPress={() => live.clearSelection()}>
            Clear
          </Button>
        )}
      </div>
    </div>
  );
}
