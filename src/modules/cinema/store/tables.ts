import type { Generated, GeneratedAlways } from "kysely";
import type { Plan } from "../types.ts";

/** The tables of the module; `*_cinema.sql` among the migrations has their constraints. */
export interface CinemaTables {
  readonly cinema_cinemas: {
    id: GeneratedAlways<number>;
    name: string;
    city: string;
    address: string;
  };
  readonly cinema_plans: {
    id: string;
    seat_count: number;
    plan: Plan;
  };
  readonly cinema_halls: {
    id: string;
    cinema_id: number;
    name: string;
    plan_id: string;
  };
  readonly cinema_screenings: {
    id: string;
    cinema_id: number;
    hall_id: string;
    plan_id: string;
    title: string;
    description: string;
    starts_at: Date;
    duration_minutes: number;
    currency: string;
    prices: Record<string, number>;
  };
  readonly cinema_bookings: {
    id: string;
    reference: string;
    screening_id: string;
    account_id: string;
    status: Generated<"booked" | "cancelled">;
    seat_ids: string[];
    amount_minor: bigint;
    currency: string;
    booked_at: Date;
    cancelled_at: Date | null;
  };
  readonly cinema_taken_seats: {
    screening_id: string;
    seat_id: string;
    state: "held" | "booked" | "blocked";
    account_id: string | null;
    booking_id: string | null;
    until: Date | null;
    extendable_until: Date | null;
    offered: Generated<boolean>;
    taken_over: Generated<boolean>;
  };
  readonly cinema_waitings: {
    screening_id: string;
    account_id: string;
    place: GeneratedAlways<bigint>;
    count: number;
  };
}
