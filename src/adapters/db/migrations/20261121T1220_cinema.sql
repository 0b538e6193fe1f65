-- Cinemas, their halls, and who has which seat of which screening.

create table cinema_cinemas (
  id integer not null generated always as identity,
  name text not null,
  city text not null,
  address text not null,
  constraint cinema_cinemas_pk primary key (id)
);

-- A seating plan is written once and never changed: halls and screenings point at the plan in
-- force, and a screening that is over keeps the one it was sold under.
create table cinema_plans (
  id uuid not null,
  seat_count integer not null,
  plan json not null,
  constraint cinema_plans_pk primary key (id),
  constraint cinema_plans_seat_count_positive check (seat_count > 0)
);

create table cinema_halls (
  id uuid not null,
  cinema_id integer not null,
  name text not null,
  plan_id uuid not null,
  constraint cinema_halls_pk primary key (id),
  constraint cinema_halls_cinema_fk foreign key (cinema_id) references cinema_cinemas (id),
  constraint cinema_halls_plan_fk foreign key (plan_id) references cinema_plans (id)
);

create index cinema_halls_cinema on cinema_halls (cinema_id);

create table cinema_screenings (
  id uuid not null,
  cinema_id integer not null,
  hall_id uuid not null,
  plan_id uuid not null,
  title text not null,
  description text not null,
  starts_at timestamptz not null,
  duration_minutes integer not null,
  currency text not null,
  prices json not null,
  constraint cinema_screenings_pk primary key (id),
  constraint cinema_screenings_cinema_fk foreign key (cinema_id) references cinema_cinemas (id),
  constraint cinema_screenings_hall_fk foreign key (hall_id) references cinema_halls (id),
  constraint cinema_screenings_plan_fk foreign key (plan_id) references cinema_plans (id)
);

create index cinema_screenings_programme on cinema_screenings (cinema_id, starts_at, id);
create index cinema_screenings_hall on cinema_screenings (hall_id, starts_at);

-- Bookings keep their seats' labels, also when they are cancelled and the seats are somebody
-- else's. An account is a row of another module, so nothing refers to it.
create table cinema_bookings (
  id uuid not null,
  reference text not null,
  screening_id uuid not null,
  account_id uuid not null,
  status text not null default 'booked',
  seat_ids text[] not null,
  amount_minor bigint not null,
  currency text not null,
  booked_at timestamptz not null,
  cancelled_at timestamptz,
  constraint cinema_bookings_pk primary key (id),
  constraint cinema_bookings_reference_unique unique (reference),
  constraint cinema_bookings_screening_fk
    foreign key (screening_id) references cinema_screenings (id),
  constraint cinema_bookings_status_known check (status in ('booked', 'cancelled')),
  constraint cinema_bookings_cancelled check ((status = 'cancelled') = (cancelled_at is not null)),
  constraint cinema_bookings_amount_positive check (amount_minor >= 0),
  constraint cinema_bookings_seats_some check (cardinality(seat_ids) > 0)
);

create index cinema_bookings_account on cinema_bookings (account_id, id);
create index cinema_bookings_screening on cinema_bookings (screening_id);

-- The seats that are not free, one row each. The primary key is the last wall: no seat of a
-- screening has two owners, whatever the code above it does.
--
-- A held seat whose time is over is still a row until somebody takes it over or it is swept.
-- `account_id` of a held seat is null when it was given back while others wait for seats.
create table cinema_taken_seats (
  screening_id uuid not null,
  seat_id text collate "C" not null,
  state text not null,
  account_id uuid,
  booking_id uuid,
  until timestamptz,
  extendable_until timestamptz,
  offered boolean not null default false,
  -- Whether the row was there before its present holder came: tells the statement that claims a
  -- seat whether it was free.
  taken_over boolean not null default false,
  constraint cinema_taken_seats_pk primary key (screening_id, seat_id),
  constraint cinema_taken_seats_screening_fk
    foreign key (screening_id) references cinema_screenings (id),
  constraint cinema_taken_seats_booking_fk
    foreign key (booking_id) references cinema_bookings (id),
  constraint cinema_taken_seats_shape check (
    case state
      when 'held' then
        until is not null and extendable_until is not null and booking_id is null
      when 'booked' then
        account_id is not null and booking_id is not null
        and until is null and extendable_until is null and not offered
      when 'blocked' then
        account_id is null and booking_id is null
        and until is null and extendable_until is null and not offered
      else false
    end
  )
) with (fillfactor = 70);

create index cinema_taken_seats_account on cinema_taken_seats (account_id, screening_id)
  where account_id is not null;
create index cinema_taken_seats_held on cinema_taken_seats (until) where state = 'held';

-- Who waits for seats of a screening, in the order of `place`.
create table cinema_waitings (
  screening_id uuid not null,
  account_id uuid not null,
  place bigint not null generated always as identity,
  -- Seats still wanted: those offered already are no longer counted.
  count integer not null,
  constraint cinema_waitings_pk primary key (screening_id, account_id),
  constraint cinema_waitings_screening_fk
    foreign key (screening_id) references cinema_screenings (id),
  constraint cinema_waitings_count_positive check (count > 0)
);

create index cinema_waitings_line on cinema_waitings (screening_id, place);
create index cinema_waitings_account on cinema_waitings (account_id);
