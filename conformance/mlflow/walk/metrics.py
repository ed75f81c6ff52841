"""Metrics: points, the latest of them, their history, and numbers that are none."""

import math

import mlflow
import numpy
from mlflow.entities import Metric

from .here import DOCS, Here
from .runner import check, check_each, equal, holds

LARGEST = 1.7976931348623157e308  # What an infinite value is stored as.


def history(here: Here, run_id: str, key: str) -> list[tuple[int, int, float]]:
    return [(each.timestamp, each.step, each.value) for each in here.client.get_metric_history(run_id, key)]


@check
def a_metric_has_value_step_and_time(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        mlflow.log_metric("loss", 0.25, step=3, timestamp=1700000000000)
    equal(history(here, run.info.run_id, "loss"), [(1700000000000, 3, 0.25)])


@check
def a_metric_without_a_step_has_step_0_and_the_time_of_now(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_metric(run_id, "m", 1)
    ((timestamp, step, value),) = history(here, run_id, "m")
    equal((step, value), (0, 1.0))
    holds(timestamp > 1_600_000_000_000, f"milliseconds since 1970, got {timestamp}")


@check
def log_metric_answers_with_nothing(here: Here) -> None:
    body = {"run_id": here.run().info.run_id, "key": "m", "value": 1, "timestamp": 1}
    answer = here.post("runs/log-metric", body)
    equal((answer.status, answer.body), (200, {}))


@check
def steps_may_be_negative_and_large(here: Here) -> None:
    run_id = here.run().info.run_id
    for step in (-(2**53) + 1, -1, 0, 2**53 - 1):
        here.client.log_metric(run_id, "m", 1.0, timestamp=1, step=step)
    equal([step for _, step, _ in history(here, run_id, "m")], [-(2**53) + 1, -1, 0, 2**53 - 1])


@check
def values_come_back_bit_for_bit(here: Here) -> None:
    run_id = here.run().info.run_id
    given = [0.1, 1e-308, 5e-324, 1.7976931348623157e308, 123456789.123456789, 2**53 + 2.0, -1 / 3]
    for step, value in enumerate(given):
        here.client.log_metric(run_id, "m", value, timestamp=1, step=step)
    got = [value for _, _, value in history(here, run_id, "m")]
    equal([value.hex() for value in got], [value.hex() for value in given])


@check
def numbers_of_numpy_are_taken(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_metric(run_id, "f32", numpy.float32(0.5))
    here.client.log_metric(run_id, "i64", numpy.int64(7))
    equal(here.client.get_run(run_id).data.metrics, {"f32": 0.5, "i64": 7.0})


@check
def not_a_number_is_kept(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_metric(run_id, "nan", math.nan)
    holds(math.isnan(here.client.get_run(run_id).data.metrics["nan"]), "NaN")
    holds(math.isnan(history(here, run_id, "nan")[0][2]), "NaN in the history")
    shown = here.get("runs/get", run_id=run_id).body["run"]["data"]["metrics"][0]["value"]
    equal(shown, "NaN", of="on the wire")


@check
def infinities_are_the_largest_numbers(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_metric(run_id, "up", math.inf)
    here.client.log_metric(run_id, "down", -math.inf)
    equal(here.client.get_run(run_id).data.metrics, {"up": LARGEST, "down": -LARGEST})


@check_each(("NaN", None), ("Infinity", LARGEST), ("-Infinity", -LARGEST), ("1.5", 1.5))
def a_value_as_text_is_read(here: Here, text: str, value: float | None) -> None:
    run_id = here.run().info.run_id
    answer = here.post(
        "runs/log-metric", {"run_id": run_id, "key": "m", "value": text, "timestamp": "5", "step": "7"}
    )
    equal(answer.status, 200, of="status")
    ((timestamp, step, got),) = history(here, run_id, "m")
    equal((timestamp, step, None if math.isnan(got) else got), (5, 7, value))


@check
def the_same_point_twice_counts_once(here: Here) -> None:
    run_id = here.run().info.run_id
    for _ in range(2):
        here.client.log_metric(run_id, "m", 1.0, timestamp=1, step=1)
        here.client.log_batch(run_id, metrics=[Metric("m", 1.0, 1, 1), Metric("m", 1.0, 1, 1)])
    equal(history(here, run_id, "m"), [(1, 1, 1.0)])


@check
def points_that_differ_in_one_thing_all_count(here: Here) -> None:
    run_id = here.run().info.run_id
    for timestamp, step, value in ((1, 1, 1.0), (1, 1, 2.0), (1, 2, 1.0), (2, 1, 1.0)):
        here.client.log_metric(run_id, "m", value, timestamp=timestamp, step=step)
    equal(history(here, run_id, "m"), [(1, 1, 1.0), (1, 1, 2.0), (1, 2, 1.0), (2, 1, 1.0)])


@check_each(
    ("the greater step", [(1, 5, 1.0), (9, 4, 2.0)], 1.0),
    ("at one step, the greater time", [(9, 5, 1.0), (1, 5, 2.0)], 1.0),
    ("at one step and time, the greater value", [(1, 5, 2.0), (1, 5, 1.0)], 2.0),
    ("a greater negative step", [(9, -7, 1.0), (1, -3, 2.0)], 2.0),
    ("a positive number over NaN", [(1, 5, math.nan), (1, 5, 1.0)], 1.0),
)
def the_latest_value_is_that_of(here: Here, _which: str, points: list, latest: float) -> None:
    for order in (points, list(reversed(points))):
        run_id = here.run().info.run_id
        for timestamp, step, value in order:
            here.client.log_metric(run_id, "m", value, timestamp=timestamp, step=step)
        equal(here.client.get_run(run_id).data.metrics, {"m": latest}, of="one by one")
        run_id = here.run().info.run_id
        here.client.log_batch(run_id, metrics=[Metric("m", value, time, step) for time, step, value in order])
        equal(here.client.get_run(run_id).data.metrics, {"m": latest}, of="in a batch")


@check
def history_is_ordered_by_time_then_step_then_value(here: Here) -> None:
    run_id = here.run().info.run_id
    points = [(2, 0, 1.0), (1, 9, 5.0), (1, 9, 4.0), (1, -2, 6.0), (3, -9, 0.0)]
    here.client.log_batch(run_id, metrics=[Metric("m", value, time, step) for time, step, value in points])
    equal(history(here, run_id, "m"), sorted(points))


@check
def history_comes_in_pages(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_batch(run_id, metrics=[Metric("m", step, 1, step) for step in range(7)])
    steps, token, sizes = [], None, []
    while True:
        query = {"run_id": run_id, "metric_key": "m", "max_results": 3}
        page = here.get("metrics/get-history", **query, **({"page_token": token} if token else {})).body
        steps += [each["step"] for each in page["metrics"]]
        sizes.append(len(page["metrics"]))
        token = page.get("next_page_token")
        if not token:
            break
    equal((steps, sizes), (list(range(7)), [3, 3, 1]))


@check
def history_without_a_limit_is_whole(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_batch(run_id, metrics=[Metric("m", step, 1, step) for step in range(40)])
    answer = here.get("metrics/get-history", run_id=run_id, metric_key="m")
    equal((answer.status, len(answer.body["metrics"])), (200, 40))


@check_each(
    ({"metric_key": "m"}, f"Missing value for required parameter 'run_id'.{DOCS}"),
    ({"run_id": "RUN"}, f"Missing value for required parameter 'metric_key'.{DOCS}"),
    ({"run_id": "RUN", "metric_key": "m", "max_results": -1}, "Invalid value -1 for parameter 'max_results' supplied. It must be a positive integer."),
    ({"run_id": "RUN", "metric_key": "m", "max_results": 5, "page_token": "zz"}, "Invalid page token, could not base64-decode"),
)  # fmt: skip
def history_refuses(here: Here, query: dict, message: str) -> None:
    run_id = here.run().info.run_id
    answer = here.get(
        "metrics/get-history", **{key: run_id if value == "RUN" else value for key, value in query.items()}
    )
    equal((answer.status, answer.body.get("message")), (400, message))


@check
def history_of_an_unknown_key_is_empty(here: Here) -> None:
    equal(here.client.get_metric_history(here.run().info.run_id, "nope"), [])


@check
def log_metrics_sends_any_number(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        mlflow.log_metrics({f"m{number}": number for number in range(1500)}, step=2)
    equal(here.client.get_run(run.info.run_id).data.metrics, {f"m{n}": float(n) for n in range(1500)})


@check
def a_batch_of_1000_points_of_one_metric_is_kept_whole(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_batch(run_id, metrics=[Metric("m", step / 7, step, step) for step in range(1000)])
    equal(history(here, run_id, "m"), [(step, step, step / 7) for step in range(1000)])
    equal(here.client.get_run(run_id).data.metrics, {"m": 999 / 7})


@check
def asynchronous_logging_loses_nothing(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        for step in range(50):
            mlflow.log_metric("m", step, step=step, timestamp=step + 1, synchronous=False)
        mlflow.log_param("p", "1", synchronous=False)
        mlflow.set_tag("t", "1", synchronous=False)
        mlflow.flush_async_logging()
    data = here.client.get_run(run.info.run_id).data
    equal((data.params["p"], data.tags["t"]), ("1", "1"))
    equal([step for _, step, _ in history(here, run.info.run_id, "m")], list(range(50)))


@check_each(
    ({"value": 1}, f"Missing value for required parameter 'timestamp'.{DOCS}"),
    ({"timestamp": 1}, f"Missing value for required parameter 'value'.{DOCS}"),
    ({"key": "", "value": 1, "timestamp": 1}, f"Missing value for required parameter 'key'.{DOCS}"),
    ({"value": 1.0, "timestamp": -1}, "Invalid value -1 for parameter 'timestamp' supplied: metric 'm' (value=1.0). Timestamp must be a nonnegative long (64-bit integer) "),
    ({"value": "abc", "timestamp": 1}, f"Invalid value \"abc\" for parameter 'value' supplied:  Hint: Value was of type 'str'.{DOCS}"),
    ({"value": 1, "timestamp": "x"}, f"Invalid value \"x\" for parameter 'timestamp' supplied:  Hint: Value was of type 'str'.{DOCS}"),
    ({"key": 5, "value": 1, "timestamp": 1}, f"Invalid value 5 for parameter 'key' supplied:  Hint: Value was of type 'int'.{DOCS}"),
)  # fmt: skip
def a_metric_is_refused(here: Here, fields: dict, message: str) -> None:
    run_id = here.run().info.run_id
    answer = here.post("runs/log-metric", {"run_id": run_id, "key": "m", **fields})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    equal(answer.body["message"], message)
    equal(here.client.get_run(run_id).data.metrics, {}, of="metrics")


@check
def the_charts_of_many_runs_come_in_one_request(here: Here) -> None:
    runs = [here.run().info.run_id for _ in range(2)]
    for run_id in runs:
        here.client.log_batch(run_id, metrics=[Metric("m", step, 1, step) for step in range(100)])
    answer = here.get("metrics/get-history-bulk-interval", run_ids=runs, metric_key="m", max_results=10)
    equal(answer.status, 200, of="status")
    for run_id in runs:
        steps = [each["step"] for each in answer.body["metrics"] if each["run_id"] == run_id]
        holds(2 <= len(steps) <= 25, f"a sample of the points, got {len(steps)}")
        equal((steps[0], steps[-1], steps), (0, 99, sorted(steps)))
