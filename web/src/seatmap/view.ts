/** The arithmetic of looking at a part of something: no DOM here. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A point of the content at `(x, y)` is drawn at `(left + x * scale, top + y * scale)`. */
export interface View {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** The whole content, in the middle, as large as it can be up to `scaleMax`. */
export function fit(content: Size, frame: Size, scaleMax: number): View {
  const scale = Math.min(frame.width / content.width, frame.height / content.height, scaleMax);
  return centred({ scale, left: 0, top: 0 }, content, frame);
}

/** Keeps the content in the frame: no empty edge while there is content beyond the other one. */
export function centred(view: View, content: Size, frame: Size): View {
  return {
    scale: view.scale,
    left: settle(view.left, content.width * view.scale, frame.width),
    top: settle(view.top, content.height * view.scale, frame.height),
  };
}

function settle(at: number, content: number, frame: number): number {
  if (content <= frame) return (frame - content) / 2;
  return Math.min(0, Math.max(frame - content, at));
}

/** Scales around a point of the frame, which keeps its place. */
export function zoomAt(view: View, x: number, y: number, scale: number): View {
  const factor = scale / view.scale;
  return {
    scale,
    left: x - (x - view.left) * factor,
    top: y - (y - view.top) * factor,
  };
}

/** Moves as little as needed to show a point of the content with some room around it. */
export function reveal(view: View, x: number, y: number, frame: Size, room: number): View {
  const atX = view.left + x * view.scale;
  const atY = view.top + y * view.scale;
  const shift = (at: number, length: number) => {
    const kept = Math.min(room, length / 2);
    return Math.min(Math.max(at, kept), length - kept) - at;
  };
  return {
    scale: view.scale,
    left: view.left + shift(atX, frame.width),
    top: view.top + shift(atY, frame.height),
  };
}
