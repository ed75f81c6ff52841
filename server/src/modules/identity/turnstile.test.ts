import { expect, test } from "vitest";
import { createTurnstile } from "./turnstile.ts";

function gate() {
  let open = (): void => {};
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, closed };
}

test("so many pass at once, so many wait, and the rest is told when to come again", async () => {
  const turnstile = createTurnstile({ atOnce: 2, waitingMax: 3, placesEachMax: 10 });
  const { open, closed } = gate();
  let inside = 0;
  let most = 0;
  const come = () =>
    turnstile.pass("ada", async () => {
      inside += 1;
      most = Math.max(most, inside);
      await closed;
      inside -= 1;
    });
  const five = Array.from({ length: 5 }, come);
  await expect(come()).rejects.toMatchObject({ code: "exhausted", retryAfterSeconds: 2 });
  open();
  await Promise.all(five);
  expect(most).toBe(2);
  await come();
});

test("one who comes again and again leaves places for others", async () => {
  const turnstile = createTurnstile({ atOnce: 1, waitingMax: 10, placesEachMax: 2 });
  const { open, closed } = gate();
  const first = [1, 2].map(() => turnstile.pass("eve", () => closed));
  await expect(turnstile.pass("eve", () => closed)).rejects.toMatchObject({ code: "exhausted" });
  const other = turnstile.pass("ada", async () => "in");
  open();
  expect(await other).toBe("in");
  await Promise.all(first);
  expect(await turnstile.pass("eve", async () => "in")).toBe("in");
});

test("work that fails gives its place back", async () => {
  const turnstile = createTurnstile({ atOnce: 1, waitingMax: 0, placesEachMax: 1 });
  const failing = turnstile.pass("ada", async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await turnstile.pass("ada", async () => "in")).toBe("in");
});
