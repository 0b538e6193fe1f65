import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { folderFor } from "./own-server.ts";

/** A file system so small that a test can fill it. */
export interface SmallDisk extends AsyncDisposable {
  /** An empty folder on it. */
  readonly folder: string;
  freeBytes(): number;
  /** Fills it up to so many bytes; other writers may take those. */
  fill(leftBytes?: number): void;
  /** Gives back what `fill` took. */
  empty(): void;
}

/** Why there can be none here; false when there can. */
export const NO_SMALL_DISK = whyNot();

const PIECE_BYTES = 65_536;

function whyNot(): string | false {
  if (process.getuid?.() !== 0) return "filling a disk needs root, to mount a small one";
  const mountPoint = mkdtempSync(path.join(tmpdir(), "stoa-disk-"));
  try {
    mount(mountPoint, 1_048_576);
    unmount(mountPoint);
    return false;
  } catch {
    return "root may mount no disk here";
  } finally {
    rmdirSync(mountPoint);
  }
}

function mount(mountPoint: string, bytes: number): void {
  const options = `size=${bytes},mode=0755`;
  execFileSync("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", mountPoint], {
    stdio: "ignore",
  });
}

function unmount(mountPoint: string): void {
  execFileSync("/bin/umount", ["--lazy", mountPoint], { stdio: "ignore" });
}

/** Mounts a tmpfs of that size. */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk> {
  const mountPoint = await folderFor("stoa-disk-");
  mount(mountPoint, bytes);
  const folder = path.join(mountPoint, "data");
  const ballast = path.join(mountPoint, "ballast");
  await mkdir(folder);
  const freeBytes = () => {
    const { bavail, bsize } = statfsSync(mountPoint);
    return bavail * bsize;
  };
  return {
    folder,
    freeBytes,
    fill(leftBytes = 0) {
      const file = openSync(ballast, "a");
      try {
        for (let left = freeBytes(); left > leftBytes; left = freeBytes()) {
          writeSync(file, Buffer.alloc(Math.min(PIECE_BYTES, left - leftBytes)));
        }
      } catch (error) {
        if ((error as { code?: unknown }).code !== "ENOSPC") throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    async [Symbol.asyncDispose]() {
      unmount(mountPoint);
      await rm(mountPoint, { recursive: true, force: true });
    },
  };
}
