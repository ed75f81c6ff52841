import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockFolder } from "./folder-lock.ts";

test("a folder has one holder, and is free again once it lets go", () => {
  const folder = mkdtempSync(join(tmpdir(), "atrium-lock-"));
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow(/Another Atrium server uses the data folder/);
  release();
  lockFolder(folder)();
});

test("a killed holder leaves no claim behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "atrium-lock-"));
  const script = `import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, "folder-lock.ts"))};
    lockFolder(${JSON.stringify(folder)}); console.log("held"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: import.meta.dirname });
  await once(holder.stdout, "data");
  expect(() => lockFolder(folder)).toThrow(/Another Atrium server/);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  lockFolder(folder)();
});
