import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../ui/button.tsx";
import type { LiveSeats, Look } from "./live-seats.ts";
import { PanZoom } from "./pan-zoom.ts";
import type { Direction, PlacedSeat } from "./plan-index.ts";
import { type Describe, SeatLayer } from "./seat-layer.ts";

/** A finger hits what is at least this large; smaller seats come nearer first, in pixels. */
const TOUCH_SEAT_PX_MIN = 24;
/** How large seats become then. */
const TOUCH_SEAT_PX = 42;
/** Whoever comes by keyboard sees seats at least this large. */
const FOCUS_SEAT_PX_MIN = 15;
const FOCUS_SEAT_PX = 28;
/** A click that hits no seat counts for one this near, in plan units. */
const CLICK_REACH = 0.75;
const ROWS_PER_PAGE = 5;

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

export interface SeatMapProps {
  readonly live: LiveSeats;
  readonly label: string;
  readonly describe: Describe;
  readonly choosable: ReadonlySet<Look>;
  /** The small print beside a seat that is pointed at. */
  readonly hint: (seat: PlacedSeat, look: Look) => { title: string; text: string };
  /** Seats to bring into view, whenever others are given. */
  readonly spotlight?: readonly string[] | undefined;
  onSeat(seat: PlacedSeat): void;
  /** A row's label was clicked. */
  onRow?(seats: readonly PlacedSeat[]): void;
  /** Stands beside the zoom, above the map. */
  readonly children?: ComponentChildren;
}

/** The hall, to be looked at closely, walked through by keys, and chosen from. */
export function SeatMap(props: SeatMapProps) {
  const stage = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const map = useRef<MountedMap>(undefined);
  const [zoom, setZoom] = useState({ fitted: true, largest: false });
  const latest = useRef(props);
  latest.current = props;
  const { live, label, choosable } = props;
  useEffect(() => {
    if (stage.current === null || tip.current === null) return;
    const mounted = new MountedMap(stage.current, tip.current, live, {
      props: () => latest.current,
      onZoom: setZoom,
    });
    map.current = mounted;
    return () => mounted.end();
  }, [live, label, choosable]);
  const { spotlight } = props;
  useEffect(() => {
    if (spotlight !== undefined) map.current?.show(spotlight);
  }, [spotlight]);
  return (
    <div class="map">
      <div class="hall-bar">
        {props.children}
        <div class="zoom" role="group" aria-label="Zoom">
          <IconButton
            icon="minus"
            label="Zoom out"
            disabled={zoom.fitted}
            onPress={() => map.current?.panZoom.zoomOut()}
          />
          <IconButton
            icon="fit"
            label="Show the whole hall"
            disabled={zoom.fitted}
            onPress={() => map.current?.panZoom.showAll()}
          />
          <IconButton
            icon="plus"
            label="Zoom in"
            disabled={zoom.largest}
            onPress={() => map.current?.panZoom.zoomIn()}
          />
        </div>
      </div>
      <div class="map-stage" ref={stage}>
        <div class="map-tip" ref={tip} aria-hidden="true" hidden />
      </div>
    </div>
  );
}

interface MapHost {
  props(): SeatMapProps;
  onZoom(zoom: { fitted: boolean; largest: boolean }): void;
}

/** The map's life outside the component tree: drawing, gestures, keys and the small print. */
class MountedMap {
  readonly panZoom: PanZoom;
  readonly #layer: SeatLayer;
  readonly #live: LiveSeats;
  readonly #tip: HTMLElement;
  readonly #host: MapHost;
  readonly #ending: (() => void)[] = [];

  constructor(stage: HTMLElement, tip: HTMLElement, live: LiveSeats, host: MapHost) {
    this.#live = live;
    this.#tip = tip;
    this.#host = host;
    const { label, choosable } = host.props();
    const describe: Describe = (seat, look) => host.props().describe(seat, look);
    this.#layer = new SeatLayer(live, { label, choosable, describe });
    const drawing = this.#layer.element;
    stage.prepend(drawing);
    this.panZoom = new PanZoom(stage, drawing, live.index.bounds, (rest) => {
      this.#layer.showNumbers(rest);
      host.onZoom({ fitted: rest.isFitted, largest: rest.isLargest });
    });
    this.#ending.push(
      live.onChange((seatIds, cause) => this.#layer.refresh(seatIds, cause)),
      () => this.panZoom.end(),
      () => drawing.remove(),
    );
    this.#listen(stage);
  }

  /**
   * All on the stage: Chromium lets an SVG element that listens for focus take it with a click.
   */
  #listen(stage: HTMLElement): void {
    const ending = new AbortController();
    const { signal } = ending;
    stage.addEventListener("keydown", (event) => this.#key(event), { signal });
    stage.addEventListener("focusin", (event) => this.#focused(event), { signal });
    stage.addEventListener("focusout", () => this.#blurred(), { signal });
    stage.addEventListener("click", (event) => this.#click(event), { signal });
    stage.addEventListener("pointermove", (event) => this.#hover(event), { signal });
    stage.addEventListener("pointerleave", () => this.#hideTip(), { signal });
    this.#ending.push(() => ending.abort());
  }

  end(): void {
    for (const end of this.#ending.splice(0)) end();
    this.#hideTip();
  }

  /** Brings seats into view, near enough to be told apart. */
  show(seatIds: readonly string[]): void {
    const places = seatIds
      .map((seatId) => this.#live.index.byId.get(seatId))
      .filter((seat) => seat !== undefined)
      .map((seat) => this.#place(seat));
    if (places.length === 0) return;
    const middle = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
    const x = middle(places.map((place) => place.x));
    const y = middle(places.map((place) => place.y));
    this.panZoom.zoomTo(x, y, Math.max(this.panZoom.view.scale, FOCUS_SEAT_PX));
  }

  /** The seat under a point of the page, or the one that was surely meant. */
  #seatAt(event: MouseEvent): PlacedSeat | undefined {
    const { target } = event;
    const seatId =
      target instanceof Element ? target.closest("[data-seat]")?.getAttribute("data-seat") : null;
    if (typeof seatId === "string") return this.#live.index.byId.get(seatId);
    const { left, top } = this.#live.index.bounds;
    const { x, y } = this.panZoom.toContent(event.clientX, event.clientY);
    return this.#live.index.nearest(x + left, y + top, CLICK_REACH);
  }

  #place(seat: PlacedSeat): { x: number; y: number } {
    const { left, top } = this.#live.index.bounds;
    return { x: seat.x - left, y: seat.y - top };
  }

  #click(event: MouseEvent): void {
    const { target } = event;
    const rowOf = target instanceof Element ? target.getAttribute("data-row-of") : null;
    const props = this.#host.props();
    if (rowOf !== null && props.onRow !== undefined) {
      props.onRow(this.#live.index.byId.get(rowOf)?.row.seats ?? []);
      return;
    }
    const isTouch = event instanceof PointerEvent && event.pointerType === "touch";
    if (isTouch && this.panZoom.view.scale < TOUCH_SEAT_PX_MIN) {
      const { x, y } = this.panZoom.toContent(event.clientX, event.clientY);
      this.panZoom.zoomTo(x, y, TOUCH_SEAT_PX);
      return;
    }
    const seat = this.#seatAt(event);
    if (seat === undefined) return;
    this.#layer.setCurrent(seat.id);
    props.onSeat(seat);
    if (!isTouch) this.#showTip(seat);
  }

  #hover(event: PointerEvent): void {
    const isPointing = event.pointerType === "mouse" && event.buttons === 0;
    const seat = isPointing ? this.#seatAt(event) : undefined;
    if (seat === undefined) this.#hideTip();
    else this.#showTip(seat);
  }

  #blurred(): void {
    this.#layer.hideRing();
    this.#hideTip();
  }

  #showTip(seat: PlacedSeat): void {
    const { title, text } = this.#host.props().hint(seat, this.#live.look(seat.id));
    const strong = document.createElement("strong");
    strong.textContent = title;
    this.#tip.replaceChildren(strong, text);
    const place = this.#place(seat);
    const { x, y } = this.panZoom.toStage(place.x, place.y);
    const lift = this.panZoom.view.scale * 0.6 + 8;
    const below = y < 90;
    this.#tip.classList.toggle("below", below);
    this.#tip.style.setProperty("left", `${x}px`);
    this.#tip.style.setProperty("top", `${below ? y + lift : y - lift}px`);
    this.#tip.hidden = false;
  }

  #hideTip(): void {
    this.#tip.hidden = true;
  }

  #focused(event: FocusEvent): void {
    const { target } = event;
    if (!(target instanceof Element) || !target.matches(":focus-visible")) return;
    const seat = this.#live.index.byId.get(target.getAttribute("data-seat") ?? "");
    if (seat === undefined) return;
    this.#layer.setCurrent(seat.id);
    this.#layer.showRing(seat);
    const { x, y } = this.#place(seat);
    if (this.panZoom.view.scale < FOCUS_SEAT_PX_MIN && !isInside(event)) {
      this.panZoom.zoomTo(x, y, FOCUS_SEAT_PX);
    } else {
      this.panZoom.reveal(x, y);
    }
    this.#showTip(seat);
  }

  #key(event: KeyboardEvent): void {
    const seat = this.#layer.current;
    if (seat === undefined || event.altKey || event.metaKey) return;
    const target = this.#target(seat, event);
    if (target !== undefined) {
      this.#layer.focus(target.id);
    } else if (event.key === "Enter" || event.key === " ") {
      this.#host.props().onSeat(seat);
      this.#showTip(seat);
    } else if (event.key === "+" || event.key === "=") {
      this.panZoom.zoomIn();
    } else if (event.key === "-") {
      this.panZoom.zoomOut();
    } else if (event.key === "0") {
      this.panZoom.showAll();
    } else if (ARROWS[event.key] === undefined) {
      return;
    }
    event.preventDefault();
  }

  /** Where a key leads from a seat, if it is one that leads anywhere. */
  #target(seat: PlacedSeat, event: KeyboardEvent): PlacedSeat | undefined {
    const { index } = this.#live;
    const direction = ARROWS[event.key];
    if (direction !== undefined) return index.neighbour(seat, direction);
    const many = event.ctrlKey ? index.seats : seat.row.seats;
    if (event.key === "Home") return many[0];
    if (event.key === "End") return many.at(-1);
    if (event.key !== "PageUp" && event.key !== "PageDown") return undefined;
    let reached = seat;
    for (let step = 0; step < ROWS_PER_PAGE; step += 1) {
      reached = index.neighbour(reached, event.key === "PageUp" ? "up" : "down") ?? reached;
    }
    return reached;
  }
}

/** Whether the focus came from another seat of the same map. */
function isInside(event: FocusEvent): boolean {
  const { currentTarget, relatedTarget } = event;
  return (
    currentTarget instanceof Element &&
    relatedTarget instanceof Element &&
    currentTarget.contains(relatedTarget)
  );
}
