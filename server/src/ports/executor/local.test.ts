import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { chooseCpus, readCpuList } from "./cpus.ts";
import { executorContract } from "./executor.contract.ts";
import { openLocalExecutor } from "./local.ts";

const directory = mkdtempSync(join(tmpdir(), "atrium-executor-"));
const open = () => openLocalExecutor({ directory, path: "/usr/local/bin:/usr/bin:/bin" });

afterAll(async () => {
  const executor = open();
  for (const attemptId of await executor.list()) await executor.remove(attemptId);
  rmSync(directory, { recursive: true, force: true });
});

executorContract(open);

test("a machine keeps its name over restarts", () => {
  expect(open().machine).toBe(open().machine);
});

test("cores are given to those who run where fewest others do", () => {
  expect(readCpuList("0-2,8")).toEqual([0, 1, 2, 8]);
  expect(chooseCpus([0, 1, 2, 8], [[0], [0, 1]], 2)).toEqual([2, 8]);
  expect(chooseCpus([0, 1], [[0, 1]], 4)).toEqual([0, 1]);
});
