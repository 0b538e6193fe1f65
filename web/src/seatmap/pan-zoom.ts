import { centred, fit, reveal, type Size, type View, zoomAt } from "./view.ts";

/** The largest a seat is drawn when the whole hall fits, in pixels. */
const FITTED_SEAT_PX_MAX = 44;
/** The largest one can zoom to. */
const SEAT_PX_MAX = 68;
/** A pointer that moves less than this has clicked. */
const DRAG_FROM_PX = 7;
/** The view counts as at rest after this long. */
const SETTLE_MS = 200;
const STEP = 1.6;

/** What is seen once the drawing is at rest. */
export interface Rest {
  readonly view: View;
  readonly frame: Size;
  readonly isFitted: boolean;
  readonly isLargest: boolean;
}

/**
 * Moves a drawing under fingers, mouse and keys. While it moves the browser shifts a finished
 * picture about; once at rest it is drawn anew, sharp, at its size.
 */
export class PanZoom {
  readonly #stage: HTMLElement;
  readonly #drawing: SVGSVGElement;
  readonly #content: Size;
  readonly #onRest: (rest: Rest) => void;
  readonly #pointers = new Map<number, { x: number; y: number }>();
  readonly #ending = new AbortController();
  #frame: Size = { width: 0, height: 0 };
  #fitted: View = { scale: 1, left: 0, top: 0 };
  #view: View = this.#fitted;
  #pressedAt: { x: number; y: number } | undefined;
  #dragged = false;
  #restTimer: ReturnType<typeof setTimeout> | undefined;

  /** `content` is the drawing's size in its own units. */
  constructor(
    stage: HTMLElement,
    drawing: SVGSVGElement,
    content: Size,
    onRest: (rest: Rest) => void,
  ) {
    this.#stage = stage;
    this.#drawing = drawing;
    this.#content = content;
    this.#onRest = onRest;
    const { signal } = this.#ending;
    stage.addEventListener("pointerdown", (event) => this.#press(event), { signal });
    stage.addEventListener("pointermove", (event) => this.#move(event), { signal });
    stage.addEventListener("pointerup", (event) => this.#lift(event), { signal });
    stage.addEventListener("pointercancel", (event) => this.#lift(event), { signal });
    stage.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false });
    // The click that ends a drag is none.
    stage.addEventListener(
      "click",
      (event) => {
        if (!this.#dragged) return;
        this.#dragged = false;
        event.stopPropagation();
        event.preventDefault();
      },
      { signal, capture: true },
    );
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(stage);
    signal.addEventListener("abort", () => observer.disconnect());
    this.#resize();
  }

  end(): void {
    this.#ending.abort();
    clearTimeout(this.#restTimer);
  }

  get view(): View {
    return this.#view;
  }

  get isFitted(): boolean {
    return this.#view.scale <= this.#fitted.scale * 1.001;
  }

  get isLargest(): boolean {
    return this.#view.scale >= this.#scaleMax * 0.999;
  }

  get #scaleMax(): number {
    return Math.max(SEAT_PX_MAX, this.#fitted.scale);
  }

  /** Where a point of the page lies in the drawing, in its units from its own left and top. */
  toContent(clientX: number, clientY: number): { x: number; y: number } {
    const box = this.#stage.getBoundingClientRect();
    return {
      x: (clientX - box.left - this.#view.left) / this.#view.scale,
      y: (clientY - box.top - this.#view.top) / this.#view.scale,
    };
  }

  /** Where a point of the drawing lies in the stage. */
  toStage(x: number, y: number): { x: number; y: number } {
    return {
      x: this.#view.left + x * this.#view.scale,
      y: this.#view.top + y * this.#view.scale,
    };
  }

  zoomIn(): void {
    this.#glideTo(this.#around(this.#view.scale * STEP));
  }

  zoomOut(): void {
    this.#glideTo(this.#around(this.#view.scale / STEP));
  }

  showAll(): void {
    this.#glideTo(this.#fitted);
  }

  /** Brings a point of the drawing into the middle, at a size. */
  zoomTo(x: number, y: number, scale: number): void {
    const wanted = Math.min(this.#scaleMax, Math.max(scale, this.#fitted.scale));
    this.#glideTo({
      scale: wanted,
      left: this.#frame.width / 2 - x * wanted,
      top: this.#frame.height / 2 - y * wanted,
    });
  }

  /** Moves as far as a point needs to be seen. */
  reveal(x: number, y: number): void {
    const shown = reveal(this.#view, x, y, this.#frame, Math.max(48, this.#view.scale * 1.5));
    if (shown.left !== this.#view.left || shown.top !== this.#view.top) this.#glideTo(shown);
  }

  #around(scale: number): View {
    const wanted = Math.min(this.#scaleMax, Math.max(scale, this.#fitted.scale));
    return zoomAt(this.#view, this.#frame.width / 2, this.#frame.height / 2, wanted);
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#stage;
    if (width === 0 || height === 0) return;
    const wasFitted = this.#frame.width === 0 || this.isFitted;
    this.#frame = { width, height };
    this.#fitted = fit(this.#content, this.#frame, FITTED_SEAT_PX_MAX);
    this.#drawing.setAttribute("width", String(this.#content.width * this.#fitted.scale));
    this.#drawing.setAttribute("height", String(this.#content.height * this.#fitted.scale));
    const scale = Math.max(this.#view.scale, this.#fitted.scale);
    this.#apply(wasFitted ? this.#fitted : { ...this.#view, scale });
    this.#rest();
  }

  #glideTo(view: View): void {
    this.#stage.classList.add("gliding");
    this.#apply(view);
    this.#restSoon();
  }

  #apply(view: View): void {
    this.#view = centred(view, this.#content, this.#frame);
    const { left, top, scale } = this.#view;
    const factor = scale / this.#fitted.scale;
    this.#drawing.style.setProperty("transform", `translate(${left}px, ${top}px) scale(${factor})`);
    // When all is seen, a finger may scroll the page; a part of the hall is moved by it.
    this.#stage.classList.toggle("zoomed", !this.isFitted);
  }

  #moveTo(view: View): void {
    this.#stage.classList.remove("gliding");
    this.#stage.classList.add("moving");
    this.#apply(view);
    this.#restSoon();
  }

  #restSoon(): void {
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => this.#rest(), SETTLE_MS);
  }

  #rest(): void {
    if (this.#pointers.size > 0 && this.#dragged) {
      this.#restSoon();
      return;
    }
    this.#stage.classList.remove("moving", "gliding");
    this.#onRest({
      view: this.#view,
      frame: this.#frame,
      isFitted: this.isFitted,
      isLargest: this.isLargest,
    });
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (this.#pointers.size === 0) {
      this.#dragged = false;
      this.#pressedAt = { x: event.clientX, y: event.clientY };
    }
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.#pointers.size === 2) this.#startDrag();
  }

  #startDrag(): void {
    this.#dragged = true;
    for (const pointerId of this.#pointers.keys()) this.#stage.setPointerCapture(pointerId);
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = { x: event.clientX, y: event.clientY };
    if (!this.#dragged && this.#pressedAt !== undefined) {
      const moved = Math.hypot(now.x - this.#pressedAt.x, now.y - this.#pressedAt.y);
      if (moved < DRAG_FROM_PX || (this.isFitted && event.pointerType === "touch")) return;
      this.#startDrag();
    }
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (other === undefined) {
      this.#moveTo({
        ...this.#view,
        left: this.#view.left + now.x - before.x,
        top: this.#view.top + now.y - before.y,
      });
      return;
    }
    this.#pinch(before, now, other);
  }

  #pinch(before: Point, now: Point, other: Point): void {
    const box = this.#stage.getBoundingClientRect();
    const apartBefore = Math.hypot(before.x - other.x, before.y - other.y);
    const apart = Math.hypot(now.x - other.x, now.y - other.y);
    const middleX = (now.x + other.x) / 2 - box.left;
    const middleY = (now.y + other.y) / 2 - box.top;
    const wanted = this.#view.scale * (apart / Math.max(1, apartBefore));
    const scale = Math.min(this.#scaleMax, Math.max(this.#fitted.scale, wanted));
    const shifted = {
      ...this.#view,
      left: this.#view.left + (now.x - before.x) / 2,
      top: this.#view.top + (now.y - before.y) / 2,
    };
    this.#moveTo(zoomAt(shifted, middleX, middleY, scale));
  }

  #lift(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    this.#restSoon();
  }

  #wheel(event: WheelEvent): void {
    const isOut = event.deltaY > 0;
    // What cannot zoom any further leaves the wheel to the page.
    if ((isOut && this.isFitted) || (!isOut && this.isLargest && !event.ctrlKey)) return;
    event.preventDefault();
    const box = this.#stage.getBoundingClientRect();
    const speed = event.ctrlKey ? 0.01 : 0.0022;
    const wanted = this.#view.scale * Math.exp(-event.deltaY * speed);
    const scale = Math.min(this.#scaleMax, Math.max(this.#fitted.scale, wanted));
    this.#moveTo(zoomAt(this.#view, event.clientX - box.left, event.clientY - box.top, scale));
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}
