import type { RestRoute } from "../../core/rest.ts";

/** Document 001 has no paths of its own; these are resourceful, one for every method. */
export const rest: readonly RestRoute[] = [
  { verb: "GET", path: "/", method: "cinema.list" },
  { verb: "POST", path: "/", method: "cinema.saveCinema", status: 201 },
  { verb: "GET", path: "/:id", method: "cinema.getOne" },
  { verb: "PUT", path: "/:id", method: "cinema.saveCinema" },
  { verb: "GET", path: "/:cinemaId/report", method: "cinema.report" },

  { verb: "POST", path: "/halls", method: "cinema.saveHall", status: 201 },
  { verb: "GET", path: "/halls/:id", method: "cinema.getHall" },
  { verb: "PUT", path: "/halls/:id", method: "cinema.saveHall" },

  { verb: "POST", path: "/screenings", method: "cinema.saveScreening", status: 201 },
  { verb: "GET", path: "/screenings/:screeningId", method: "cinema.getScreening" },
  { verb: "PUT", path: "/screenings/:id", method: "cinema.saveScreening" },
  { verb: "GET", path: "/screenings/:screeningId/best", method: "cinema.bestAvailable" },
  { verb: "POST", path: "/screenings/:screeningId/hold", method: "cinema.hold" },
  { verb: "POST", path: "/screenings/:screeningId/hold/extend", method: "cinema.extendHold" },
  {
    verb: "DELETE",
    path: "/screenings/:screeningId/hold",
    method: "cinema.release",
    // Not everybody can send a body with a DELETE: `?seatIds=A1,A2`.
    lists: ["seatIds"],
  },
  { verb: "POST", path: "/screenings/:screeningId/waitlist", method: "cinema.joinWaitlist" },
  {
    verb: "DELETE",
    path: "/screenings/:screeningId/waitlist",
    method: "cinema.leaveWaitlist",
    status: 204,
  },
  { verb: "POST", path: "/screenings/:screeningId/blocks", method: "cinema.blockSeats" },

  {
    verb: "POST",
    path: "/screenings/:screeningId/bookings",
    method: "cinema.book",
    status: 201,
  },
  { verb: "GET", path: "/bookings", method: "cinema.myBookings" },
  { verb: "DELETE", path: "/bookings/:bookingId", method: "cinema.cancelBooking" },
];
