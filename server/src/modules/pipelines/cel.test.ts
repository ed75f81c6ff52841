import { expect, test } from "vitest";
import { evaluate, holds, parseExpression } from "./cel.ts";
import type { Json } from "./plan.ts";

function asked(text: string, parameters: Record<string, Json> = {}): boolean {
  return holds(parseExpression(text), parameters);
}

test("conditions as the SDK writes them hold or do not", () => {
  const name = "pipelinechannel--flip-Output";
  const of = (value: Json) => ({ [name]: value });
  expect(asked(`inputs.parameter_values['${name}'] == 'heads'`, of("heads"))).toBe(true);
  expect(asked(`inputs.parameter_values['${name}'] == 'heads'`, of("tails"))).toBe(false);
  expect(asked(`int(inputs.parameter_values['${name}']) > 5`, of(5.9))).toBe(false);
  expect(asked(`inputs.parameter_values['${name}'] == true`, of(true))).toBe(true);
  const both = `!(int(inputs.parameter_values['${name}']) == 3) && int(inputs.parameter_values['${name}']) > 5`;
  expect(asked(both, of(6))).toBe(true);
  expect(asked(both, of(3))).toBe(false);
  expect(asked(`double(inputs.parameter_values['${name}']) <= -1.5e0`, of("-2"))).toBe(true);
});

test("text literals keep their escapes and either quote", () => {
  expect(asked(String.raw`inputs.parameter_values["a"] == 'it\'s "here"\n'`, { a: 'it\'s "here"\n' })).toBe(
    true,
  );
});

test("a key is chosen out of a JSON text", () => {
  const choose = parseExpression('parseJson(string_value)["A_a"]["b"][1]');
  expect(evaluate(choose, { string_value: '{"A_a": {"b": [1, 2]}}' })).toBe(2);
  expect(() => evaluate(choose, { string_value: "{}" })).toThrow(/"A_a", which is not there/);
  expect(() => evaluate(choose, { string_value: "{" })).toThrow(/JSON that is none/);
});

test("`||` and `&&` do not look at what no longer matters", () => {
  expect(asked("true || inputs.parameter_values['missing'] == 1")).toBe(true);
  expect(asked("false && inputs.parameter_values['missing'] == 1")).toBe(false);
  expect(() => asked("inputs.parameter_values['missing'] == 1")).toThrow(/not there/);
});

test("what is not the language says where", () => {
  expect(() => parseExpression("1 ==")).toThrow(/ends too early/);
  expect(() => parseExpression("1 == 2 ; 3")).toThrow(/at character 7/);
  expect(() => parseExpression("exec('x')")).toThrow(/calls exec/);
  expect(() => parseExpression("(".repeat(5000))).toThrow(/nests deeper/);
  expect(() => parseExpression(`'${"x".repeat(10_000)}'`)).toThrow(/longer than/);
  expect(() => asked("'a'")).toThrow(/neither true nor false/);
  expect(() => asked("'a' < 1")).toThrow(/cannot order/);
});

test("an inherited property is no key", () => {
  expect(() => evaluate(parseExpression("inputs.constructor"), { inputs: {} })).toThrow(/not there/);
});
