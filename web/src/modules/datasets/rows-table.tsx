import type { DatasetRows, DatasetValue } from "@atrium/contract/datasets";
import { plainText } from "./value.ts";

const NUMBER = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/;

/** Rows as they are, with the type below each name; wide ones scroll. */
export function RowsTable({ label, rows, from = 0 }: { label: string; rows: DatasetRows; from?: number }) {
  const isNumber = rows.columns.map(({ type }) => NUMBER.test(type));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section className="card min-h-0 overflow-auto" aria-label={label} tabIndex={0}>
      <table className="min-w-full">
        <thead className="sticky top-0 z-10 bg-surface">
          <tr>
            <th
              scope="col"
              className="border-line border-b px-3 py-1 text-right font-normal text-ink-3 text-xs"
            >
              #
            </th>
            {rows.columns.map(({ name, type }, index) => (
              <th
                key={`${index} ${name}`}
                scope="col"
                className={`border-line border-b px-3 py-1 align-top ${isNumber[index] ? "text-right" : "text-left"}`}
              >
                <span className="block whitespace-nowrap font-medium">{name}</span>
                <code className="block whitespace-nowrap font-normal text-ink-3">{type}</code>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.rows.map((row, at) => (
            <tr key={from + at} className="border-line border-b last:border-0 hover:bg-hover">
              <td className="nums px-3 py-1 text-right text-ink-3 text-xs">{from + at + 1}</td>
              {row.map((value, index) => (
                <td
                  key={`${index} ${rows.columns[index]?.name}`}
                  className={`max-w-80 truncate whitespace-nowrap px-3 py-1 ${isNumber[index] ? "text-right" : ""}`}
                >
                  <Cell value={value} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({ value }: { value: DatasetValue }) {
  if (value === null) return <span className="text-ink-3">null</span>;
  const text = plainText(value);
  return <span title={text}>{text}</span>;
}
