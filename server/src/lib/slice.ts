const SLICE_MS = 5; // Then others get a turn.

/** Lets others have the loop when this work has held it for a slice. */
export function createSlice(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE_MS) return;
    await new Promise(setImmediate);
    since = performance.now();
  };
}
