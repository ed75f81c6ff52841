import { expect, test } from "vitest";
import { safeTarget } from "./front-page.tsx";

test("after signing in one stays in the house", () => {
  expect(safeTarget("/p/flights/runs?sort=-rmse")).toBe("/p/flights/runs?sort=-rmse");
  for (const away of ["https://evil.example", "//evil.example", "/\\evil.example", undefined, ""])
    expect(safeTarget(away)).toBe("/");
});

test("whoever has signed in is not sent to the pages in front of the house", () => {
  for (const front of ["/sign-in", "/sign-in?to=%2Fp%2Fflights", "/join#link=x", "/reset"])
    expect(safeTarget(front)).toBe("/");
  expect(safeTarget("/p/joiners/runs")).toBe("/p/joiners/runs");
});
