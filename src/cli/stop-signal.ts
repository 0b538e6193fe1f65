/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilStopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        for (const again of ["SIGTERM", "SIGINT"] as const) {
          process.once(again, () => process.exit(1));
        }
        resolve();
      });
    }
  });
}
