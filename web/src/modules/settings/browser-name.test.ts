import { expect, test } from "vitest";
import { browserName } from "./browser-name.ts";

test("a browser is named as people know it, with its system", () => {
  expect(
    browserName(
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
    ),
  ).toBe("Chrome on Linux");
  expect(
    browserName(
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604",
    ),
  ).toBe("Safari on iOS");
});

test("what is no browser keeps its own words", () => {
  expect(browserName("my-script/1.0")).toBe("my-script/1.0");
  expect(browserName("")).toBe("Unknown");
});
