import assert from "node:assert/strict";
import { test } from "node:test";
import { centred, fit, reveal, type View, zoomAt } from "./view.ts";

const content = { width: 40, height: 20 };
const frame = { width: 400, height: 400 };

/** Where a point of the content is drawn. */
function drawn(view: View, x: number, y: number): readonly [number, number] {
  return [view.left + x * view.scale, view.top + y * view.scale];
}

test("all of the content fits, in the middle", () => {
  const view = fit(content, frame, 100);
  assert.equal(view.scale, 10);
  assert.deepEqual(drawn(view, 20, 10), [200, 200]);
});

test("small content is not blown up beyond the largest scale", () => {
  assert.equal(fit({ width: 2, height: 2 }, frame, 44).scale, 44);
});

test("zooming keeps the point under the finger where it is", () => {
  const before = fit(content, frame, 100);
  const after = zoomAt(before, 120, 230, 35);
  const x = (120 - before.left) / before.scale;
  const y = (230 - before.top) / before.scale;
  const [atX, atY] = drawn(after, x, y);
  assert.ok(Math.abs(atX - 120) < 1e-9 && Math.abs(atY - 230) < 1e-9);
  assert.equal(after.scale, 35);
});

test("no empty edge is shown while there is content beyond the other", () => {
  const dragged = centred({ scale: 30, left: 500, top: -5_000 }, content, frame);
  assert.equal(dragged.left, 0);
  assert.equal(dragged.top, frame.height - content.height * 30);
  const small = centred({ scale: 5, left: 90, top: 0 }, content, frame);
  assert.equal(small.left, (frame.width - content.width * 5) / 2);
});

test("what is seen already is not moved, what is not comes into the frame", () => {
  const view = { scale: 30, left: -100, top: -100 };
  assert.deepEqual(reveal(view, 10, 10, frame, 40), view);
  const moved = reveal(view, 39, 19, frame, 40);
  const [x, y] = drawn(moved, 39, 19);
  assert.ok(x <= frame.width - 40 && y <= frame.height - 40);
});
