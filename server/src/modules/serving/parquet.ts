import { gzipSync } from "node:zlib";

/** Columns of a table; every value of one has its type, or is null. */
export type ParquetType = "BIGINT" | "DOUBLE" | "BOOLEAN" | "VARCHAR";
export interface ParquetColumn {
  name: string;
  type: ParquetType;
  values: readonly unknown[];
}

const MAGIC = Buffer.from("PAR1");
const PHYSICAL: Record<ParquetType, number> = { BOOLEAN: 0, BIGINT: 2, DOUBLE: 5, VARCHAR: 6 };
const PLAIN = 0;
const RLE = 3;
const GZIP = 2;
const UTF8 = 0;
const OPTIONAL = 1;

/**
 * Writes one table as a Parquet file: one row group, a page a column, plain values, nulls by definition levels.
 * @remarks github.com/apache/parquet-format, parquet.thrift and Encodings.md; the footer is Thrift's compact protocol.
 */
export function writeParquet(columns: readonly ParquetColumn[], rows: number): Buffer {
  const parts: Buffer[] = [MAGIC];
  let at = MAGIC.length;
  const chunks = columns.map((column) => {
    const plain = pageOf(column, rows);
    const packed = gzipSync(plain, { level: 1 });
    const header = struct()
      .int(1, 0)
      .int(2, plain.length)
      .int(3, packed.length)
      .struct(5, struct().int(1, rows).int(2, PLAIN).int(3, RLE).int(4, RLE))
      .bytes();
    const chunk = { column, at, plain: header.length + plain.length, packed: header.length + packed.length };
    parts.push(header, packed);
    at += chunk.packed;
    return chunk;
  });
  const footer = footerOf(chunks, rows);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, MAGIC]);
}

interface Chunk {
  column: ParquetColumn;
  at: number;
  plain: number;
  packed: number;
}

function footerOf(chunks: readonly Chunk[], rows: number): Buffer {
  const root = struct().text(4, "schema").int(5, chunks.length);
  const schema = chunks.map(({ column }) => {
    const element = struct().int(1, PHYSICAL[column.type]).int(3, OPTIONAL).text(4, column.name);
    return column.type === "VARCHAR" ? element.int(6, UTF8) : element;
  });
  const columns = chunks.map(({ column, at, plain, packed }) => {
    const facts = struct()
      .int(1, PHYSICAL[column.type])
      .ints(2, [PLAIN, RLE])
      .texts(3, [column.name])
      .int(4, GZIP)
      .long(5, rows)
      .long(6, plain)
      .long(7, packed)
      .long(9, at);
    return struct().long(2, at).struct(3, facts);
  });
  const total = chunks.reduce((sum, chunk) => sum + chunk.plain, 0);
  const group = struct().structs(1, columns).long(2, total).long(3, rows);
  return struct()
    .int(1, 1)
    .structs(2, [root, ...schema])
    .long(3, rows)
    .structs(4, [group])
    .text(6, "atrium")
    .bytes();
}

function pageOf({ type, values }: ParquetColumn, rows: number): Buffer {
  const present = Buffer.alloc(Math.ceil(rows / 8));
  const kept: unknown[] = [];
  for (let row = 0; row < rows; row += 1) {
    const value = values[row];
    if (value === null || value === undefined) continue;
    present[row >> 3] = (present[row >> 3] ?? 0) | (1 << (row & 7));
    kept.push(value);
  }
  // One bit-packed run: twice the number of groups of eight, plus one.
  const levels = Buffer.concat([varint(BigInt(present.length * 2 + 1)), present]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(levels.length);
  return Buffer.concat([length, levels, plainOf(type, kept)]);
}

function plainOf(type: ParquetType, values: readonly unknown[]): Buffer {
  if (type === "VARCHAR") {
    const texts = values.map((value) =>
      Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
    );
    return Buffer.concat(
      texts.flatMap((text) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(text.length);
        return [length, text];
      }),
    );
  }
  if (type === "BOOLEAN") {
    const bits = Buffer.alloc(Math.ceil(values.length / 8));
    for (const [i, value] of values.entries())
      if (value === true) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
    return bits;
  }
  const bytes = Buffer.alloc(values.length * 8);
  for (const [i, value] of values.entries()) {
    if (type === "BIGINT") bytes.writeBigInt64LE(BigInt(Math.trunc(Number(value))), i * 8);
    else bytes.writeDoubleLE(Number(value), i * 8);
  }
  return bytes;
}

// Thrift's compact protocol, as far as it is needed here.

const THRIFT = { int: 5, long: 6, text: 8, list: 9, struct: 12 } as const;

interface Struct {
  int(field: number, value: number): Struct;
  long(field: number, value: number): Struct;
  text(field: number, value: string): Struct;
  ints(field: number, values: readonly number[]): Struct;
  texts(field: number, values: readonly string[]): Struct;
  struct(field: number, value: Struct): Struct;
  structs(field: number, values: readonly Struct[]): Struct;
  bytes(): Buffer;
}

function struct(): Struct {
  const parts: Buffer[] = [];
  let last = 0;
  const field = (id: number, type: number, ...value: Buffer[]): Struct => {
    // Fields come in rising order here, so that their distance fits the short form.
    parts.push(Buffer.from([((id - last) << 4) | type]), ...value);
    last = id;
    return self;
  };
  const list = (type: number, items: readonly Buffer[]): Buffer => {
    const head =
      items.length < 15
        ? Buffer.from([(items.length << 4) | type])
        : Buffer.concat([Buffer.from([0xf0 | type]), varint(BigInt(items.length))]);
    return Buffer.concat([head, ...items]);
  };
  const self: Struct = {
    int: (id, value) => field(id, THRIFT.int, zigzag(value)),
    long: (id, value) => field(id, THRIFT.long, zigzag(value)),
    text: (id, value) => field(id, THRIFT.text, textOf(value)),
    ints: (id, values) => field(id, THRIFT.list, list(THRIFT.int, values.map(zigzag))),
    texts: (id, values) => field(id, THRIFT.list, list(THRIFT.text, values.map(textOf))),
    struct: (id, value) => field(id, THRIFT.struct, value.bytes()),
    structs: (id, values) =>
      field(
        id,
        THRIFT.list,
        list(
          THRIFT.struct,
          values.map((one) => one.bytes()),
        ),
      ),
    bytes: () => Buffer.concat([...parts, Buffer.from([0])]),
  };
  return self;
}

function textOf(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
}

function zigzag(value: number): Buffer {
  const big = BigInt(value);
  return varint(big >= 0n ? big * 2n : -big * 2n - 1n);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
