import type { Datasets } from "#modules/datasets";
import type { FeatureStore } from "#modules/feature-store";
import type { Serving } from "#modules/serving";
import { done, notYet, type Outcome, type Round, type Step } from "../step.ts";
import { calendarOf, DAY_MS, REPLAYED_DAYS } from "./calendar.ts";
import { materialized } from "./features.ts";
import { DATASET, ENDPOINT } from "./names.ts";

const FLIGHTS_A_DAY = 300; // Enough for a day's window to be judged, few enough for a laptop's minute.
const FLIGHTS_NOW = 2400; // A tenth of them goes to the canary, which is judged from 200 on.
const PAGE_ROWS = 800; // A question to a dataset answers a thousand rows at most.
const ROWS_A_REQUEST = 25; // So that each engine answers requests of every day.
const MATERIALIZE_EVERY = 7; // Days.
const UNKNOWN_AIRPORT = "ZZZ"; // As if it had opened this month: no flight of the data starts there.
const UNKNOWN_ONE_IN = 25;

interface Flight {
  asked: { origin: string; destination: string; distance: number; hour: number; weekday: number };
  atMs: number;
  late: number;
}

/** The month after the present, asked day by day as it would have come, with labels a day later; then some traffic of now. */
export function replayStep(deps: { datasets: Datasets; features: FeatureStore; serving: Serving }): Step {
  const { datasets, features, serving } = deps;
  return {
    name: "replay",
    title: "The next month's flights, predicted and then told",
    leadsTo: { kind: "endpoint", name: ENDPOINT },
    round,
  };

  /** A day a round: one that is killed in between asks for that day once more. */
  async function round(given: Round): Promise<Outcome> {
    const day = given.cursor === "" ? 0 : Number(given.cursor);
    const { presentMs } = calendarOf(given.begunMs);
    const fromMs = presentMs + day * DAY_MS;
    if (day > 0 && day % MATERIALIZE_EVERY === 0) {
      const fresh = await materialized(features, given, fromMs);
      if (!fresh.done) return notYet(`day ${day} of ${REPLAYED_DAYS}: ${fresh.note}`);
    }
    if (day < REPLAYED_DAYS) {
      await oneDay(given, fromMs);
      return notYet(`day ${day + 1} of ${REPLAYED_DAYS}`, String(day + 1));
    }
    await trafficOfNow(given, fromMs);
    const { words } = await serving.canary(given.actor, { projectId: given.projectId, endpoint: ENDPOINT });
    const count = (REPLAYED_DAYS * FLIGHTS_A_DAY).toLocaleString("en");
    return done(`${REPLAYED_DAYS} days, ${count} predictions with labels. The canary: ${words}`);
  }

  async function oneDay(given: Round, fromMs: number): Promise<void> {
    const { actor, projectId } = given;
    const at = { projectId, endpoint: ENDPOINT };
    const flights = await flightsOf(given, { fromMs, count: FLIGHTS_A_DAY });
    for (const some of batches(flights)) {
      const replay = { atMs: some.map(({ atMs }) => atMs) };
      const { predictions } = await serving.gateway.predict(at, some.map(askedOf), replay);
      const labels = predictions.map(({ predictionId }, i) => ({
        predictionId,
        label: some[i]?.late ?? 0,
        atMs: (some[i]?.atMs ?? fromMs) + DAY_MS,
      }));
      await serving.feedback.send(actor, at, labels);
    }
  }

  /** Logged as of this moment: what the canary is compared by, and what charts of the last hour show. */
  async function trafficOfNow(given: Round, fromMs: number): Promise<void> {
    const at = { projectId: given.projectId, endpoint: ENDPOINT };
    for (let from = 0; from < FLIGHTS_NOW; from += PAGE_ROWS) {
      const flights = await flightsOf(given, { fromMs, count: PAGE_ROWS, from });
      for (const some of batches(flights)) await serving.gateway.predict(at, some.map(askedOf));
    }
  }

  async function flightsOf(
    { actor, projectId }: Pick<Round, "actor" | "projectId">,
    { fromMs, count, from = 0 }: { fromMs: number; count: number; from?: number },
  ): Promise<Flight[]> {
    const { version } = await datasets.table(actor, { projectId, name: DATASET });
    const { rows } = await datasets.versions.query(
      actor,
      { projectId, name: DATASET, version },
      {
        sql: `select origin, destination, distance::double, hour(date)::double, dayofweek(date)::double,
                epoch_ms(date)::double, late
              from (select * from data where date >= make_timestamp($1 * 1000) and date < make_timestamp($2 * 1000)
                order by hash(origin, destination, date, delay) limit ${count} offset ${from})
              order by date`,
        parameters: [fromMs, fromMs + DAY_MS],
      },
    );
    return rows.map(([origin, destination, distance, hour, weekday, atMs, late], i) => ({
      asked: {
        origin: i % UNKNOWN_ONE_IN === 0 ? UNKNOWN_AIRPORT : String(origin),
        destination: String(destination),
        distance: Number(distance),
        hour: Number(hour),
        weekday: Number(weekday),
      },
      atMs: Number(atMs),
      late: Number(late),
    }));
  }
}

function askedOf({ asked }: Flight): Flight["asked"] {
  return asked;
}

function batches(flights: readonly Flight[]): Flight[][] {
  const count = Math.ceil(flights.length / ROWS_A_REQUEST);
  return Array.from({ length: count }, (_, i) => flights.slice(i * ROWS_A_REQUEST, (i + 1) * ROWS_A_REQUEST));
}
