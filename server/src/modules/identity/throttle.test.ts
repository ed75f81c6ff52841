import { expect, test } from "vitest";
import { addressGroup, createThrottle } from "./throttle.ts";

function open() {
  const clock = { nowMs: 1_000_000 };
  const throttle = createThrottle({ now: () => clock.nowMs });
  const attempt = (account: string, ip: string, known = false) =>
    throttle.attempt({ account, ip, knownHere: async () => known });
  /** How many of so many attempts in a row are let through. */
  const passed = async (times: number, account: (i: number) => string, ip: (i: number) => string) => {
    let count = 0;
    for (let i = 0; i < times; i += 1) {
      await attempt(account(i), ip(i)).then(
        () => {
          count += 1;
        },
        () => {},
      );
    }
    return count;
  };
  return { clock, attempt, passed };
}

test("one address at one account gets few tries, then one a minute", async () => {
  const { clock, attempt, passed } = open();
  expect(
    await passed(
      50,
      () => "ada",
      () => "192.0.2.1",
    ),
  ).toBe(6);
  await expect(attempt("ada", "192.0.2.1")).rejects.toMatchObject({
    code: "exhausted",
    retryAfterSeconds: 60,
  });
  clock.nowMs += 60_000;
  expect(
    await passed(
      5,
      () => "ada",
      () => "192.0.2.1",
    ),
  ).toBe(1);
  expect(
    await passed(
      1,
      () => "bob",
      () => "192.0.2.1",
    ),
  ).toBe(1);
});

test("one address that walks through accounts is stopped, and others go on", async () => {
  const { passed } = open();
  expect(
    await passed(
      200,
      (i) => `user-${i}`,
      () => "192.0.2.1",
    ),
  ).toBe(60);
  expect(
    await passed(
      5,
      (i) => `user-${i}`,
      () => "192.0.2.2",
    ),
  ).toBe(5);
});

test("many addresses at one account are stopped together, but not whoever was let in from theirs before", async () => {
  const { attempt, passed } = open();
  expect(
    await passed(
      200,
      () => "ada",
      (i) => `198.51.100.${i}`,
    ),
  ).toBe(30);
  await expect(attempt("ada", "192.0.2.9")).rejects.toMatchObject({ code: "exhausted" });
  await expect(attempt("ada", "192.0.2.9", true)).resolves.toBeDefined();
  await expect(attempt("bob", "192.0.2.9")).resolves.toBeDefined();
});

test("a right password forgives what was mistyped before; an attempt that nobody looked at costs nothing", async () => {
  const { attempt, passed } = open();
  for (let i = 0; i < 5; i += 1) await attempt("ada", "192.0.2.1");
  (await attempt("ada", "192.0.2.1")).forgive();
  expect(
    await passed(
      50,
      () => "ada",
      () => "192.0.2.1",
    ),
  ).toBe(6);
  for (let i = 0; i < 100; i += 1) (await attempt("bob", "192.0.2.1")).refund();
});

test("signing in rightly at one's own account buys no tries at another", async () => {
  const { attempt } = open();
  const guess = () => attempt("ada", "192.0.2.1");
  for (let i = 0; i < 6; i += 1) {
    await guess();
    (await attempt("eve", "192.0.2.1")).forgive();
  }
  await expect(guess()).rejects.toMatchObject({ code: "exhausted" });
});

test("the addresses of one IPv6 network count as one", () => {
  expect(addressGroup("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2");
  expect(addressGroup("2001:0db8:0001:0002::1")).toBe("2001:db8:1:2");
  expect(addressGroup("2001:db8::1")).toBe("2001:db8:0:0");
  expect(addressGroup("::1")).toBe("0:0:0:0");
  expect(addressGroup("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(addressGroup("192.0.2.1")).toBe("192.0.2.1");
});
