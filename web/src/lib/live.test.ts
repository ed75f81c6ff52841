import { expect, test } from "vitest";
import { isStale, joinRules } from "./live.ts";

const rules = { run: ["/runs", "/experiments"] };

test("an event makes reads of its noun stale, in its own project only", () => {
  expect(
    isStale(["GET /runs/:run", { project: "flights" }], { noun: "run", projects: ["flights"] }, rules),
  ).toBe(true);
  expect(
    isStale(["GET /runs/:run", { project: "other" }], { noun: "run", projects: ["flights"] }, rules),
  ).toBe(false);
  expect(
    isStale(["GET /models", { project: "flights" }], { noun: "run", projects: ["flights"] }, rules),
  ).toBe(false);
});

test("a read that belongs to no project hears of every project", () => {
  expect(isStale(["GET /running/runs", {}], { noun: "run", projects: ["flights"] }, rules)).toBe(true);
});

test("an unknown noun disturbs nothing", () => {
  expect(
    isStale(["GET /runs", { project: "flights" }], { noun: "comet", projects: ["flights"] }, rules),
  ).toBe(false);
});

test("two rooms may care about the same noun", () => {
  const joined = joinRules([{ job: ["/jobs"] }, { job: ["/notebooks/runs"], notebook: ["/notebooks/file"] }]);
  expect(joined).toEqual({ job: ["/jobs", "/notebooks/runs"], notebook: ["/notebooks/file"] });
});
