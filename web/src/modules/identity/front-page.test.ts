import { expect, test } from "vitest";
import { safeTarget } from "./front-page.tsx";

test("after signing in one stays in the house", () => {
  expect(safeTarget("/p/flights/runs?sort=-rmse")).toBe("/p/flights/runs?sort=-rmse");
  for (const away of ["https://evil.example", "//evil.example", "/\\evil.example", undefined, ""])
    expect(safeTarget(away)).toBe("/");
});
