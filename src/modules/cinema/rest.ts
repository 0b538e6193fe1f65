import { integer, type RestRequest, type RestRoute } from "../../core/rest.ts";

/** Document 001 has no paths of its own; these are resourceful, one for every method. */
export const rest: readonly RestRoute[] = [
  { verb: "GET", path: "/", method: "cinema.list" },
  { verb: "POST", path: "/", method: "cinema.saveCinema", status: 201 },
  { verb: "GET", path: "/:id", method: "cinema.getOne", input: byNumber },
  { verb: "PUT", path: "/:id", method: "cinema.saveCinema", input: byNumber },
  {
    verb: "GET",
    path: "/:cinemaId/report",
    method: "cinema.report",
    input: ({ params, query }) => ({
      ...query,
      cinemaId: integer(params["cinemaId"]),
      fromMs: integer(query["fromMs"]),
      toMs: integer(query["toMs"]),
    }),
  },

  { verb: "POST", path: "/halls", method: "cinema.saveHall", status: 201 },
  { verb: "GET", path: "/halls/:id", method: "cinema.getHall" },
  { verb: "PUT", path: "/halls/:id", method: "cinema.saveHall" },

  { verb: "POST", path: "/screenings", method: "cinema.saveScreening", status: 201 },
  { verb: "GET", path: "/screenings/:screeningId", method: "cinema.getScreening" },
  { verb: "PUT", path: "/screenings/:id", method: "cinema.saveScreening" },
  {
    verb: "GET",
    path: "/screenings/:screeningId/best",
    method: "cinema.bestAvailable",
    input: ({ params, query }) => ({
      ...query,
      ...params,
      count: integer(query["count"]),
      ...(query["accessible"] === undefined ? {} : { accessible: integer(query["accessible"]) }),
    }),
  },
  { verb: "POST", path: "/screenings/:screeningId/hold", method: "cinema.hold" },
  { verb: "POST", path: "/screenings/:screeningId/hold/extend", method: "cinema.extendHold" },
  {
    verb: "DELETE",
    path: "/screenings/:screeningId/hold",
    method: "cinema.release",
    input: bySeats,
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
  {
    verb: "GET",
    path: "/bookings",
    method: "cinema.myBookings",
    input: ({ query }) => ({
      ...query,
      ...(query["limit"] === undefined ? {} : { limit: integer(query["limit"]) }),
    }),
  },
  { verb: "DELETE", path: "/bookings/:bookingId", method: "cinema.cancelBooking" },
];

/** A cinema's number is in the path; the rest is in the body. */
function byNumber({ params, body }: RestRequest): unknown {
  const fields = typeof body === "object" && body !== null ? body : {};
  return { ...fields, id: integer(params["id"]) };
}

/** `?seatIds=A1,A2` names seats, because a DELETE has no body everywhere. */
function bySeats({ params, query, body }: RestRequest): unknown {
  const fields = typeof body === "object" && body !== null ? body : {};
  const seatIds = query["seatIds"];
  return {
    ...fields,
    ...query,
    ...(seatIds === undefined ? {} : { seatIds: seatIds.split(",") }),
    ...params,
  };
}
