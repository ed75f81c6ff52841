import { AppError } from "#lib/errors";

/** The tag in which 2.x clients keep a list of the models that a run has logged. */
export const HISTORY_TAG = "mlflow.log-model.history";
const KEPT = ["run_id", "artifact_path", "utc_time_created", "flavors", "model_uuid"] as const;
const REQUIRED = ["artifact_path", "flavors", "utc_time_created", "run_id"] as const;
const TAG_CHARACTERS_MAX = 8000; // What a tag holds; a text cut off there would be no JSON any more.

/** The tag's value with one more model; the oldest go when it would grow too long. @throws AppError `invalid` */
export function addToHistory(tag: string | undefined, modelJson: string): string {
  const history = [...parseHistory(tag), parseModel(modelJson)];
  while (history.length > 0) {
    const text = JSON.stringify(history);
    if (text.length <= TAG_CHARACTERS_MAX) return text;
    history.shift();
  }
  throw new AppError("invalid", "The model's description is too long to be kept in a tag.", {
    at: "model_json",
  });
}

function parseModel(modelJson: string): Record<string, unknown> {
  const model = parse(modelJson);
  if (typeof model !== "object" || model === null || Array.isArray(model)) {
    throw new AppError("invalid", "Malformed model info. 'model_json' is not a valid JSON object.", {
      at: "model_json",
    });
  }
  const given = model as Record<string, unknown>;
  const missing = REQUIRED.filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0) {
    throw new AppError("invalid", `Model json is missing mandatory fields: ${missing.join(", ")}`, {
      at: "model_json",
    });
  }
  return Object.fromEntries(
    KEPT.filter((name) => Object.hasOwn(given, name)).map((name) => [name, given[name]]),
  );
}

/** Anybody may have written the tag; what is no list begins anew. */
function parseHistory(tag: string | undefined): unknown[] {
  const history = tag === undefined ? [] : parse(tag);
  return Array.isArray(history) ? history : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The callers say what was expected.
  }
}
