import { expect, test } from "vitest";
import { pageOfSource } from "./input-source.ts";

const API = "http://127.0.0.1:7400/p/air/api/atrium/v1";

test.each([
  [
    JSON.stringify({ url: `${API}/features/training-sets/late%20flights/12` }),
    "/p/air/features/training-sets/late%20flights/12",
  ],
  [
    JSON.stringify({ url: `${API}/datasets/flights/versions/3/content` }),
    "/p/air/datasets/flights/versions/3",
  ],
  [`${API}/datasets/100%/versions/3`, "/p/air/datasets/100%25/versions/3"],
])("a source that is an address of ours leads to its page: %s", (source, page) => {
  expect(pageOfSource({ slug: "air", id: "p1" }, source)).toBe(page);
  expect(pageOfSource({ slug: "sky", id: "air" }, source)).toBe(page.replace("/air/", "/sky/"));
});

test.each([
  ["another project's", JSON.stringify({ url: `${API}/datasets/flights/versions/3` }), "sea"],
  ["no version", JSON.stringify({ url: `${API}/datasets/flights` }), "air"],
  ["somebody else's", "s3://bucket/flights.parquet", "air"],
])("a source that is %s leads nowhere", (_what, source, project) => {
  expect(pageOfSource({ slug: project, id: undefined }, source)).toBeUndefined();
});
