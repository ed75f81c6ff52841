import { expect, test } from "vitest";
import { checkFolder, checkPath, foldersAbove } from "./path.ts";

test.each([
  "model.pkl",
  "why?.txt",
  "1/abc/artifacts/model/MLmodel",
  "100% sure.txt",
  "plots/Größe (ü) [1].png",
  "a..b/..c/d..",
  "x".repeat(255),
  "50%25 off.txt",
])("an honest path stays as it is: %s", (path) => {
  expect(checkPath(path)).toBe(path);
});

test.each([
  "",
  "/",
  "/etc/passwd",
  "//a",
  "a//b",
  "..",
  "../a",
  "a/..",
  "a/../b",
  "./a",
  "a/./b",
  "a/%2e%2e/b",
  "a/%252e%252e/b",
  "a/%25252E%25252e/b",
  "%2fetc",
  "a%2f..%2fb",
  "..\\a",
  "a\\b",
  "a%5cb",
  "C:/x",
  "c%3a/x",
  "0/run/artifacts/C:/x",
  "0/run/artifacts/C:x",
  "a\0b",
  "a%00b",
  "a%2500b",
  "a;b",
  "a%3bb",
  "a#b",
  "a%23b",
  "a\nb",
  "a\u202eb",
  " /a",
  "\ud800",
  "x".repeat(256),
  "x/".repeat(600),
  `a/%${"25".repeat(20)}2e`,
])("a trick is refused: %j", (path) => {
  expect(() => checkPath(path)).toThrow(expect.objectContaining({ code: "invalid" }));
});

test("one name has one spelling, however its accents were typed", () => {
  expect(checkPath("cafe\u0301.txt")).toBe(checkPath("caf\u00e9.txt"));
});

test("the root folder is empty, and a folder's last slash does not matter", () => {
  expect(checkFolder("/")).toBe("");
  expect(checkFolder("a/b/")).toBe("a/b");
  expect(foldersAbove("a/b/c.txt")).toEqual(["a", "a/b"]);
});
