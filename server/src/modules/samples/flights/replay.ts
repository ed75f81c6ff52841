import type { Datasets } from "#modules/datasets";
import type { FeatureStore } from "#modules/feature-store";
import type { Serving } from "#modules/serving";
import { done, notYet, type Outcome, type Round, type Step } from "../step.ts";
import { materialized } from "./features.ts";
import { DATASET, ENDPOINT, PRESENT_MS } from "./names.ts";

const DAY_MS = 24 * 3600 * 1000;
const DAYS = 28;
const FLIGHTS_A_DAY = 300; // Enough for a day's window to be judged, few enough for a laptop's minute.
const MATERIALIZE_EVERY = 7; // Days.
const UNKNOWN_AIRPORT = "XNA1"; // As if a new airport had opened: it is in no history.
const UNKNOWN_ONE_IN = 25;

interface Flight {
  origin: string;
  destination: string;
  distance: number;
  hour: number;
  weekday: number;
  atMs: number;
  late: number;
}

/** The month after the present, asked day by day as it would have come, with labels a day later. */
export function replayStep(deps: { datasets: Datasets; features: FeatureStore; serving: Serving }): Step {
  const { datasets, features, serving } = deps;
  return { name: "replay", title: "The next month's flights, predicted and then told", round };

  async function round(given: Round): Promise<Outcome> {
    const day = given.cursor === "" ? 0 : Number(given.cursor);
    const fromMs = PRESENT_MS + day * DAY_MS;
    if (day > 0 && day < DAYS && day % MATERIALIZE_EVERY === 0) {
      const fresh = await materialized(features, given, fromMs);
      if (!fresh.done) return notYet(`day ${day} of ${DAYS}: ${fresh.note}`);
    }
    if (day === DAYS) return done(`${DAYS} days, ${(DAYS * FLIGHTS_A_DAY).toLocaleString("en")} predictions with labels`);
    await oneDay(given, fromMs);
    return notYet(`day ${day + 1} of ${DAYS}`, String(day + 1));
  }

  async function oneDay({ actor, projectId }: Round, fromMs: number): Promise<void> {
    const flights = await flightsOf({ actor, projectId }, fromMs);
    const { predictions } = await serving.gateway.predict(
      { projectId, endpoint: ENDPOINT },
      flights.map(({ origin, destination, distance, hour, weekday }) => ({ origin, destination, distance, hour, weekday })),
      { atMs: flights.map(({ atMs }) => atMs) },
    );
    const feedback = predictions.map(({ predictionId }, i) => ({
      predictionId,
      label: flights[i]?.late ?? 0,
      atMs: (flights[i]?.atMs ?? fromMs) + DAY_MS,
    }));
    await serving.feedback.send(actor, { projectId, endpoint: ENDPOINT }, feedback);
  }

  async function flightsOf({ actor, projectId }: Omit<Round, "cursor">, fromMs: number): Promise<Flight[]> {
    const { version } = await datasets.table(actor, { projectId, name: DATASET });
    const { rows } = await datasets.versions.query(
      actor,
      { projectId, name: DATASET, version },
      {
        sql: `select origin, destination, distance::double, hour(date)::double, dayofweek(date)::double,
                epoch_ms(date)::double, late
              from (select * from data where date >= make_timestamp($1 * 1000) and date < make_timestamp($2 * 1000)
                order by hash(origin, destination, date, delay) limit ${FLIGHTS_A_DAY})
              order by date`,
        parameters: [fromMs, fromMs + DAY_MS],
      },
    );
    return rows.map(([origin, destination, distance, hour, weekday, atMs, late], i) => ({
      origin: i % UNKNOWN_ONE_IN === 0 ? UNKNOWN_AIRPORT : String(origin),
      destination: String(destination),
      distance: Number(distance),
      hour: Number(hour),
      weekday: Number(weekday),
      atMs: Number(atMs),
      late: Number(late),
    }));
  }
}
