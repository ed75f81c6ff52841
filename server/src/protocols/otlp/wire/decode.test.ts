import { expect, test } from "vitest";
import { AppError } from "#lib/errors";
import { seeded } from "../../../testing/bad-requests.ts";
import { encodeAnswer, encodeStatus } from "./answer.ts";
import { decodeJson } from "./json.ts";
import { logsRequest, metricsRequest, tracesRequest } from "./messages.ts";
import { decodeProto } from "./proto.ts";

/** Field by field, as protoc would: `[number, kind, value]`. */
type Written = readonly [
  number: number,
  kind: "varint" | "64" | "32" | "bytes",
  value: bigint | Buffer | string | readonly Written[],
];

function encode(fields: readonly Written[]): Buffer {
  return Buffer.concat(
    fields.map(([number, kind, value]) => {
      if (kind === "varint") return Buffer.concat([varint(BigInt(number * 8)), varint(value as bigint)]);
      if (kind === "64") {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(value as bigint);
        return Buffer.concat([varint(BigInt(number * 8 + 1)), bytes]);
      }
      if (kind === "32") return Buffer.concat([varint(BigInt(number * 8 + 5)), Buffer.alloc(4)]);
      const bytes = Array.isArray(value) ? encode(value) : Buffer.from(value as string | Buffer);
      return Buffer.concat([varint(BigInt(number * 8 + 2)), varint(BigInt(bytes.length)), bytes]);
    }),
  );
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, value);
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80);
  bytes.push(Number(left));
  return Buffer.from(bytes);
}

function double(value: number): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.readBigUInt64LE();
}

const text = (value: string): Written[] => [[1, "bytes", value]];
const attribute = (key: string, value: readonly Written[]): Written[] => [
  [1, "bytes", key],
  [2, "bytes", value],
];
const LOG = encode([
  [
    1,
    "bytes",
    [
      [1, "bytes", [[1, "bytes", attribute("service.name", text("api"))]]],
      [
        2,
        "bytes",
        [
          [1, "bytes", [[1, "bytes", "my.scope"]]],
          [99, "bytes", "of a later version"],
          [
            2,
            "bytes",
            [
              [1, "64", 1_700_000_000_000_000_001n],
              [2, "varint", 17n],
              [5, "bytes", text("héllo")],
              [6, "bytes", attribute("n", [[3, "varint", -5n]])],
              [
                6,
                "bytes",
                attribute("list", [
                  [
                    5,
                    "bytes",
                    [
                      [1, "bytes", text("x")],
                      [1, "bytes", [[2, "varint", 1n]]],
                    ],
                  ],
                ]),
              ],
              [
                6,
                "bytes",
                attribute("map", [[6, "bytes", [[1, "bytes", attribute("d", [[4, "64", double(0.5)]])]]]]),
              ],
              [8, "32", ""],
              [9, "bytes", Buffer.from("ab".repeat(16), "hex")],
            ],
          ],
        ],
      ],
    ],
  ],
]);

test("a message comes out by its field numbers, unknown fields passed over, records decoded when asked for", () => {
  const [resource] = decodeProto(logsRequest, LOG).resourceLogs;
  expect(resource?.resource?.attributes[0]).toMatchObject({
    key: "service.name",
    value: { stringValue: "api" },
  });
  const [scope] = resource?.scopeLogs ?? [];
  expect(scope?.scope?.name).toBe("my.scope");
  const record = scope?.logRecords[0]?.();
  expect(record).toMatchObject({
    timeUnixNano: 1_700_000_000_000_000_001n,
    severityNumber: 17,
    body: { stringValue: "héllo" },
    traceId: "ab".repeat(16),
  });
  expect(record?.attributes.map(({ value }) => value)).toMatchObject([
    { intValue: -5n },
    { arrayValue: { values: [{ stringValue: "x" }, { boolValue: true }] } },
    { kvlistValue: { values: [{ key: "d", value: { doubleValue: 0.5 } }] } },
  ]);
  expect(record?.spanId).toBeUndefined();
});

test("lists of numbers are read packed and one by one", () => {
  const counts = Buffer.alloc(16);
  counts.writeBigUInt64LE(3n);
  counts.writeBigUInt64LE(2n ** 60n, 8);
  const histogram: Written[] = [
    [
      1,
      "bytes",
      [
        [6, "bytes", counts],
        [7, "64", double(0.5)],
        [7, "64", double(2)],
      ],
    ],
  ];
  const body = encode([
    [
      1,
      "bytes",
      [
        [
          2,
          "bytes",
          [
            [
              2,
              "bytes",
              [
                [1, "bytes", "h"],
                [9, "bytes", histogram],
              ],
            ],
          ],
        ],
      ],
    ],
  ]);
  const metric = decodeProto(metricsRequest, body).resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.();
  expect(metric?.histogram?.dataPoints[0]?.()).toMatchObject({
    bucketCounts: [3n, 2n ** 60n],
    explicitBounds: [0.5, 2],
  });
});

test("the same message in JSON comes out the same, numbers as texts or not", () => {
  const json = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "api" } }], unknown: 1 },
        scopeLogs: [
          {
            scope: { name: "my.scope" },
            logRecords: [
              {
                timeUnixNano: "1700000000000000001",
                severityNumber: 17,
                body: { stringValue: "héllo" },
                attributes: [
                  { key: "n", value: { intValue: "-5" } },
                  {
                    key: "list",
                    value: { arrayValue: { values: [{ stringValue: "x" }, { boolValue: true }] } },
                  },
                  {
                    key: "map",
                    value: { kvlistValue: { values: [{ key: "d", value: { doubleValue: 0.5 } }] } },
                  },
                ],
                traceId: "AB".repeat(16),
              },
            ],
          },
        ],
      },
    ],
  };
  const fromProto = decodeProto(logsRequest, LOG).resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.();
  const fromJson = decodeJson(logsRequest, json).resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.();
  expect(fromJson).toEqual(fromProto);
});

test("JSON of the wrong kind is refused with its place", () => {
  const wrong: [unknown, string][] = [
    [[], "body"],
    [{ resourceSpans: {} }, "body.resourceSpans"],
    [{ resourceSpans: [1] }, "body.resourceSpans[0]"],
    [
      { resourceSpans: [{ resource: { attributes: [{ key: 1 }] } }] },
      "body.resourceSpans[0].resource.attributes[0].key",
    ],
  ];
  for (const [json, at] of wrong)
    expect(() => decodeJson(tracesRequest, json)).toThrow(expect.objectContaining({ code: "invalid", at }));
  const span = (fields: object) => () =>
    decodeJson(tracesRequest, {
      resourceSpans: [{ scopeSpans: [{ spans: [fields] }] }],
    }).resourceSpans[0]?.scopeSpans[0]?.spans[0]?.();
  for (const fields of [
    { traceId: "xyz" },
    { kind: "SPAN_KIND_SERVER" },
    { startTimeUnixNano: "1.5" },
    { startTimeUnixNano: -1 },
    { startTimeUnixNano: "99999999999999999999" },
  ])
    expect(span(fields)).toThrow(expect.objectContaining({ code: "invalid" }));
  expect(span({ name: null, startTimeUnixNano: 5 })()).toEqual({
    attributes: [],
    events: [],
    links: [],
    startTimeUnixNano: 5n,
  });
});

test("values that stand in one another without end are refused", () => {
  let value: Written[] = text("deep");
  for (let i = 0; i < 100; i += 1) value = [[5, "bytes", [[1, "bytes", value]]]];
  const body = encode([[1, "bytes", [[1, "bytes", [[1, "bytes", attribute("a", value)]]]]]]);
  expect(() => decodeProto(logsRequest, body)).toThrow(/too deep/);
  let json: unknown = { stringValue: "deep" };
  for (let i = 0; i < 100; i += 1) json = { arrayValue: { values: [json] } };
  expect(() =>
    decodeJson(logsRequest, { resourceLogs: [{ resource: { attributes: [{ value: json }] } }] }),
  ).toThrow(/too deep/);
});

test("a body cut anywhere, or with any bytes changed, is read or refused and never anything else", () => {
  const random = seeded(20_261_127);
  const outcomes = { read: 0, refused: 0 };
  const tryIt = (bytes: Buffer): void => {
    try {
      for (const { scopeLogs } of decodeProto(logsRequest, bytes).resourceLogs)
        for (const { logRecords } of scopeLogs) for (const record of logRecords) record();
      outcomes.read += 1;
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "invalid") throw thrown;
      outcomes.refused += 1;
    }
  };
  for (let end = 0; end <= LOG.length; end += 1) tryIt(LOG.subarray(0, end));
  for (let round = 0; round < 20_000; round += 1) {
    const bytes = Buffer.from(LOG);
    for (let i = 0; i <= random() * 4; i += 1)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    tryIt(bytes);
  }
  for (let round = 0; round < 5000; round += 1)
    tryIt(Buffer.from(Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256))));
  expect(outcomes.read).toBeGreaterThan(100);
  expect(outcomes.refused).toBeGreaterThan(1000);
});

test("lengths and numbers that promise more than there is are refused at once", () => {
  const huge = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
  expect(() => decodeProto(logsRequest, huge)).toThrow(/ends before/);
  expect(() => decodeProto(logsRequest, Buffer.alloc(20, 0xff))).toThrow(/too long/);
  expect(() => decodeProto(logsRequest, Buffer.from([0x1b]))).toThrow(/kind 3/);
  expect(() => decodeProto(logsRequest, Buffer.from([0x08, 0x01]))).toThrow(/no message/);
  expect(() => decodeProto(logsRequest, Buffer.from([0x00, 0x01]))).toThrow(/number 0/);
});

test("answers are written in the encoding of the request", () => {
  expect(encodeAnswer("json", "traces", undefined)).toBe("{}");
  expect(encodeAnswer("protobuf", "traces", undefined)).toEqual(Buffer.alloc(0));
  expect(encodeAnswer("json", "metrics", { rejected: 3, message: "why" })).toBe(
    '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"why"}}',
  );
  expect(encodeAnswer("protobuf", "logs", { rejected: 300, message: "why" })).toEqual(
    encode([
      [
        1,
        "bytes",
        [
          [1, "varint", 300n],
          [2, "bytes", "why"],
        ],
      ],
    ]),
  );
  expect(encodeStatus("protobuf", { code: 3, message: "bad" })).toEqual(
    encode([
      [1, "varint", 3n],
      [2, "bytes", "bad"],
    ]),
  );
});
