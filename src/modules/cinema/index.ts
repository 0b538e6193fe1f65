import type { Clock } from "../../core/clock.ts";
import type { EventLog } from "../../core/event-log.ts";
import type { Ids } from "../../core/ids.ts";
import type { Module } from "../../core/module.ts";
import type { Random } from "../../core/random.ts";
import { fillDemo } from "./demo/fill-demo.ts";
import { bestAvailable } from "./methods/bestAvailable.ts";
import { blockSeats } from "./methods/blockSeats.ts";
import { book } from "./methods/book.ts";
import { cancelBooking } from "./methods/cancelBooking.ts";
import { extendHold } from "./methods/extendHold.ts";
import { getHall } from "./methods/getHall.ts";
import { getOne } from "./methods/getOne.ts";
import { getScreening } from "./methods/getScreening.ts";
import { hold } from "./methods/hold.ts";
import { joinWaitlist } from "./methods/joinWaitlist.ts";
import { leaveWaitlist } from "./methods/leaveWaitlist.ts";
import { list } from "./methods/list.ts";
import { myBookings } from "./methods/myBookings.ts";
import { release } from "./methods/release.ts";
import { report } from "./methods/report.ts";
import { saveCinema } from "./methods/saveCinema.ts";
import { saveHall } from "./methods/saveHall.ts";
import { saveScreening } from "./methods/saveScreening.ts";
import { rest } from "./rest.ts";
import { cinemaOf, editEvents } from "./seating/announce.ts";
import { PageCache } from "./seating/page-cache.ts";
import { PlanCache } from "./seating/plan-cache.ts";
import { seatingJobs } from "./seating/sweeper.ts";
import { createTags } from "./seating/tags.ts";
import { subscribe } from "./subscriptions/subscribe.ts";
import { watch } from "./subscriptions/watch.ts";

export interface CinemaParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly eventLog: EventLog;
  /** Makes the tags by which seats name people; changing it changes all tags. */
  readonly tagSecret: Uint8Array;
}

/** Live seats: cinemas, halls, screenings, and who has which seat. */
export function createCinema({ tagSecret, ...ports }: CinemaParts): Module {
  const parts = { ...ports, tags: createTags(tagSecret), plans: new PlanCache() };
  const pages = new PageCache(ports.clock);
  return {
    name: "cinema",
    methods: {
      list,
      getOne: getOne({ pages }),
      getScreening: getScreening(parts),
      hold: hold(parts),
      extendHold: extendHold(parts),
      release: release(parts),
      book: book(parts),
      cancelBooking,
      myBookings,
      bestAvailable: bestAvailable(parts),
      joinWaitlist: joinWaitlist(parts),
      leaveWaitlist,
      saveCinema,
      getHall,
      saveHall,
      saveScreening: saveScreening(parts),
      blockSeats: blockSeats(parts),
      report,
    },
    subscriptions: { subscribe, watch: watch(parts) },
    rest,
    internalEvents: editEvents,
    heard(event) {
      const cinemaId = cinemaOf(event);
      if (cinemaId !== undefined) pages.forget(cinemaId);
    },
    jobs: seatingJobs(parts),
    fillDemo: (context) => fillDemo(parts, context),
  };
}
