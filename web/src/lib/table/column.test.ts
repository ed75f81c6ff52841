import { expect, test } from "vitest";
import { type Column, toCsv, visibleColumns } from "./column.ts";

interface Row {
  name: string;
  rmse: number | null;
}
const columns: Column<Row>[] = [
  { id: "name", title: "Name", width: 100, cell: (r) => r.name, text: (r) => r.name, fixed: "first" },
  { id: "rmse", title: "rmse", width: 80, cell: (r) => r.rmse, text: (r) => r.rmse, usual: "shown" },
  { id: "mae", title: "mae", width: 80, cell: () => null, text: () => null },
  { id: "r2", title: "r2", width: 80, cell: () => null, text: () => null, usual: "shown" },
  { id: "auc", title: "auc", width: 80, cell: () => null, text: () => null, usual: "shown" },
];

test("chosen columns come in the chosen order behind the fixed one", () => {
  expect(visibleColumns(columns, ["mae", "gone", "rmse"], "wide").map((c) => c.id)).toEqual([
    "name",
    "mae",
    "rmse",
  ]);
});

test("without a choice the usual columns are shown, three of them on a phone", () => {
  expect(visibleColumns(columns, [], "wide").map((c) => c.id)).toEqual(["name", "rmse", "r2", "auc"]);
  expect(visibleColumns(columns, [], "small").map((c) => c.id)).toEqual(["name", "rmse", "r2"]);
});

test("a phone leaves out a value rather than what can be done with a row", () => {
  const actions: Column<Row> = {
    id: "do",
    title: "",
    width: 80,
    cell: () => "Revoke",
    text: () => "",
    usual: "shown",
  };
  expect(visibleColumns([...columns, actions], [], "small").map((c) => c.id)).toEqual(["name", "rmse", "do"]);
});

test("copied text survives commas, quotes and lines, and runs no formula", () => {
  const rows = [
    { name: 'a "b", c', rmse: 0.5 },
    { name: "=HYPERLINK()", rmse: null },
  ];
  expect(toCsv(columns.slice(0, 2), rows)).toBe('Name,rmse\r\n"a ""b"", c",0.5\r\n\'=HYPERLINK(),');
});
