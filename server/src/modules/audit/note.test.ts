import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { leafHash } from "./merkle.ts";
import { isSignedBy, parseCheckpoint, rawPublicKey, signCheckpoint, verifierKey } from "./note.ts";

const pair = generateKeyPairSync("ed25519");
const signer = {
  name: "atrium/audit/x",
  publicKey: rawPublicKey(pair.publicKey),
  privateKey: pair.privateKey,
};

test("the verifier key of the signed-note specification comes out", () => {
  const publicKey = Buffer.from("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "base64").subarray(1);
  expect(verifierKey("example.com/foo", publicKey)).toBe(
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  );
});

test("a checkpoint reads back and its signature holds", () => {
  const note = signCheckpoint(7, leafHash("a"), signer);
  expect(parseCheckpoint(note)).toEqual({ origin: "atrium/audit/x", size: 7, root: leafHash("a") });
  expect(isSignedBy(note, signer.name, signer.publicKey)).toBe(true);
});

test("a changed size, another name and another key are refused", () => {
  const note = signCheckpoint(7, leafHash("a"), signer);
  const other = rawPublicKey(generateKeyPairSync("ed25519").publicKey);
  expect(isSignedBy(note.replace("\n7\n", "\n8\n"), signer.name, signer.publicKey)).toBe(false);
  expect(isSignedBy(note, "atrium/audit/y", signer.publicKey)).toBe(false);
  expect(isSignedBy(note, signer.name, other)).toBe(false);
});

test("text that is no checkpoint is none", () => {
  for (const text of ["", "a\n", "a\n01\nAAAA\n", "a\n1\nnot base64\n"])
    expect(parseCheckpoint(text)).toBeUndefined();
});
