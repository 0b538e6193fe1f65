import { WebSocket } from "ws";
import { type CallError, type Client, connect } from "../../client/index.ts";
import type { SeatChange, SeatMap } from "../../src/modules/cinema/types.ts";

/** Somebody in front of the product's own client, as a page of the web app would be. */
export interface Visitor extends Disposable {
  readonly client: Client;
  watch(screeningId: string): Watched;
}

/** What a page shows of a screening, kept up to date by its subscription alone. */
export interface Watched {
  /** The seats that are not free. */
  readonly seats: SeatMap;
  /** The visitor's own tag. */
  readonly you: string | null;
  /** Whole states that were received; one, unless something was missed for good. */
  readonly states: number;
  /** Offers from the waiting list. */
  readonly offers: ReadonlyArray<{ readonly to: string; readonly seatIds: readonly string[] }>;
  readonly errors: readonly CallError[];
}

/** @param url asked for at each connection, because a server that restarts may have moved */
export function visit(url: () => string, token?: string): Visitor {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const client = connect({
    url: "ws://chosen-at-each-connection/socket",
    createSocket: () => new WebSocket(`${url().replace("http", "ws")}/socket`, { headers }),
  });
  return {
    client,
    watch: (screeningId) => watch(client, screeningId),
    [Symbol.dispose]: () => client.close(),
  };
}

/** Subscribes, and shows what comes of it. */
export function watch(client: Client, screeningId: string): Watched {
  const errors: CallError[] = [];
  const offers: Array<{ to: string; seatIds: readonly string[] }> = [];
  const shown = { seats: {} as SeatMap, you: null as string | null, states: 0, offers, errors };
  client.subscribe(
    "cinema.watch",
    { screeningId },
    {
      onState({ seats, you }) {
        Object.assign(shown, { seats: { ...seats }, you, states: shown.states + 1 });
      },
      onEvent(type, data) {
        if (type === "cinema.seats") for (const change of data.changes) apply(shown.seats, change);
        if (type === "cinema.offer") offers.push(data);
      },
      onError: (error) => void errors.push(error),
    },
  );
  return shown;
}

function apply(seats: SeatMap, { seatId, ...change }: SeatChange): void {
  const { state, ...more } = change;
  if (state === "free") delete seats[seatId];
  else seats[seatId] = { state, ...more };
}
