"""Params, which never change, tags, which do, and batches of everything."""

import mlflow
from mlflow.entities import Metric, Param, RunTag

from .here import DOCS, Here
from .runner import check, check_each, equal, holds, refused, same_text

CHARACTERS = "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/)."
PATHS = "Names may be treated as files in certain cases, and must not resolve to other names when treated as such."


@check
def params_are_kept_as_text(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        mlflow.log_param("whole", 1)
        mlflow.log_params({"half": 0.5, "none": None, "list": [1, 2], "flag": True, "text": "a b"})
    equal(
        here.client.get_run(run.info.run_id).data.params,
        {"whole": "1", "half": "0.5", "none": "None", "list": "[1, 2]", "flag": "True", "text": "a b"},
    )


@check
def the_same_param_again_is_no_error(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_param(run_id, "p", "1")
    here.client.log_param(run_id, "p", "1")
    here.client.log_batch(run_id, params=[Param("p", "1")])
    equal(here.client.get_run(run_id).data.params, {"p": "1"})


@check
def a_param_cannot_change(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_param(run_id, "p", "1")
    answer = here.post("runs/log-parameter", {"run_id": run_id, "key": "p", "value": "2"})
    equal((answer.status, answer.body["error_code"]), (400, "INVALID_PARAMETER_VALUE"))
    equal(
        answer.body["message"],
        "Changing param values is not allowed. Param with key='p' was already logged with value='1' "
        f"for run ID='{run_id}'. Attempted logging new value '2'.",
    )
    equal(here.client.get_run(run_id).data.params, {"p": "1"})


@check
def one_param_that_would_change_keeps_out_all_params_of_its_batch(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_param(run_id, "p", "1")
    with refused(
        "INVALID_PARAMETER_VALUE",
        "Changing param values is not allowed. Params were already logged="
        f"'[{{'key': 'p', 'old_value': '1', 'new_value': '2'}}]' for run ID='{run_id}'.…",
    ):
        here.client.log_batch(run_id, params=[Param("p", "2"), Param("q", "3")])
    equal(here.client.get_run(run_id).data.params, {"p": "1"})


@check
def a_key_twice_in_one_batch_is_refused(here: Here) -> None:
    run_id = here.run().info.run_id
    answer = here.post(
        "runs/log-batch",
        {"run_id": run_id, "params": [{"key": "x", "value": "2"}, {"key": "x", "value": "2"}]},
    )
    equal((answer.status, answer.body["error_code"]), (400, "INVALID_PARAMETER_VALUE"))
    equal(
        answer.body["message"],
        "Duplicate parameter keys have been submitted: ['x']. "
        "Please ensure the request contains only one param value per param key.",
    )


@check
def log_params_sends_any_number(here: Here) -> None:
    mlflow.set_experiment(here.name())
    given = {f"p{number}": str(number) for number in range(250)}
    with mlflow.start_run() as run:
        mlflow.log_params(given)
    equal(here.client.get_run(run.info.run_id).data.params, given)


@check
def a_param_is_cut_at_6000_characters(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_param(run_id, "long", "v" * 7000)
    here.client.log_batch(run_id, params=[Param("batch", "é" * 6001)])
    equal(here.client.get_run(run_id).data.params, {"long": "v" * 6000, "batch": "é" * 6000})


@check
def a_param_may_be_empty_or_any_text(here: Here) -> None:
    run_id = here.run().info.run_id
    given = {"empty": "", "lines": "a\nb\t\r\n", "quotes": "'\"`\\", "emoji": "🦊 Ω", "html": "<b>&amp;</b>"}
    for key, value in given.items():
        here.client.log_param(run_id, key, value)
    equal(here.client.get_run(run_id).data.params, given)


@check
def a_param_without_a_value_is_empty(here: Here) -> None:
    run_id = here.run().info.run_id
    equal(here.post("runs/log-parameter", {"run_id": run_id, "key": "p"}).status, 200)
    equal(here.client.get_run(run_id).data.params, {"p": ""})


@check
def tags_are_overwritten(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        mlflow.set_tag("state", "draft")
        mlflow.set_tags({"state": "final", "n": 1})
    tags = here.client.get_run(run.info.run_id).data.tags
    equal((tags["state"], tags["n"]), ("final", "1"))


@check
def the_last_of_one_key_in_a_batch_of_tags_wins(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_batch(run_id, tags=[RunTag("t", "first"), RunTag("t", "second")])
    equal(here.client.get_run(run_id).data.tags["t"], "second")


@check
def a_tag_is_cut_at_8000_characters(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.set_tag(run_id, "long", "v" * 9000)
    here.client.log_batch(run_id, tags=[RunTag("batch", "v" * 8001)])
    tags = here.client.get_run(run_id).data.tags
    equal((len(tags["long"]), len(tags["batch"])), (8000, 8000))


@check
def a_tag_key_may_have_letters_of_any_script(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.set_tag(run_id, "ключ: x/y-z.w_v 1", "značka")
    equal(here.client.get_run(run_id).data.tags["ключ: x/y-z.w_v 1"], "značka")


@check
def delete_tag_removes_it(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run(tags={"a": "1", "b": "2"}) as run:
        mlflow.delete_tag("a")
    tags = here.client.get_run(run.info.run_id).data.tags
    equal(("a" in tags, tags["b"]), (False, "2"))


@check
def deleting_a_tag_that_is_not_there_is_refused(here: Here) -> None:
    run_id = here.run().info.run_id
    with refused("RESOURCE_DOES_NOT_EXIST", f"No tag with name: nope in run with id {run_id}"):
        here.client.delete_tag(run_id, "nope")


@check_each(
    ("a$b", CHARACTERS),
    ("a=b", CHARACTERS),
    ("a\nb", CHARACTERS),
    ("../x", f"{PATHS}…"),
    ("a//b", f"{PATHS}…"),
    ("/a", f"{PATHS}…"),
    (".", f"{PATHS}…"),
    ("a/", f"{PATHS}…"),
)
def a_key_is_refused(here: Here, key: str, reason: str) -> None:
    run_id = here.run().info.run_id
    shown = key.replace("\n", "\\n")
    for path, parameter, more in (
        ("set-tag", "key", {"value": "x"}),
        ("log-parameter", "key", {"value": "x"}),
        ("log-metric", "name", {"value": 1, "timestamp": 1}),
    ):
        answer = here.post(f"runs/{path}", {"run_id": run_id, "key": key, **more})
        equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"), of=path)
        same_text(
            answer.body["message"],
            f"Invalid value \"{shown}\" for parameter '{parameter}' supplied: {reason}",
            of=path,
        )


@check_each(
    ("set-tag", {"value": "x"}),
    ("log-parameter", {"value": "x"}),
    ("log-metric", {"value": 1, "timestamp": 1}),
)
def a_key_of_251_characters_is_too_long(here: Here, path: str, more: dict) -> None:
    run_id = here.run().info.run_id
    equal(here.post(f"runs/{path}", {"run_id": run_id, "key": "k" * 250, **more}).status, 200)
    answer = here.post(f"runs/{path}", {"run_id": run_id, "key": "k" * 251, **more})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    holds("exceeds the maximum length of 250 characters" in answer.body["message"], answer.body["message"])


def _batch(kind: str, count: int) -> dict:
    more = {"value": 1, "timestamp": 1} if kind == "metrics" else {"value": "1"}
    return {kind: [{"key": f"{kind}{number}", **more} for number in range(count)]}


@check_each(
    ("1,001 metrics", _batch("metrics", 1001), "1000 metrics. Got 1001 metrics. Please split up metrics"),
    ("101 params", _batch("params", 101), "100 params. Got 101 params. Please split up params"),
    ("101 tags", _batch("tags", 101), "100 tags. Got 101 tags. Please split up tags"),
    (
        "1,010 in all",
        {**_batch("metrics", 950), **_batch("params", 60)},
        "1000 metrics, params, and tags. Got 1010 metrics, params, and tags. Please split up metrics, params, and tags",
    ),
)
def a_batch_is_refused_that_has(here: Here, _what: str, batch: dict, told: str) -> None:
    run_id = here.run().info.run_id
    answer = here.post("runs/log-batch", {"run_id": run_id, **batch})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    equal(
        answer.body["message"],
        f"A batch logging request can contain at most {told} across multiple requests and try again.",
    )


@check_each(
    ({"metrics": [{"key": "m", "value": 1}]}, "metrics[0].timestamp"),
    ({"metrics": [{"key": "m", "timestamp": 1}]}, "metrics[0].value"),
    ({"metrics": [{"value": 1, "timestamp": 1}]}, "metrics[0].key"),
    ({"params": [{"key": "ok", "value": "1"}, {"value": "x"}]}, "params[1].key"),
    ({"tags": [{"value": "x"}]}, "tags[0].key"),
)
def a_batch_names_what_it_misses(here: Here, batch: dict, missing: str) -> None:
    answer = here.post("runs/log-batch", {"run_id": here.run().info.run_id, **batch})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    equal(answer.body["message"], f"Missing value for required parameter '{missing}'.{DOCS}")


@check
def a_batch_with_one_bad_key_writes_nothing(here: Here) -> None:
    run_id = here.run().info.run_id
    answer = here.post(
        "runs/log-batch",
        {
            "run_id": run_id,
            "metrics": [{"key": "good", "value": 1, "timestamp": 1}],
            "params": [{"key": "bad$", "value": "1"}],
            "tags": [{"key": "good", "value": "1"}],
        },
    )
    equal(
        (answer.status, answer.body["message"]),
        (400, f"Invalid value \"bad$\" for parameter 'params[0].key' supplied: {CHARACTERS}"),
    )
    data = here.client.get_run(run_id).data
    equal((data.metrics, data.params, "good" in data.tags), ({}, {}, False))


@check
def a_full_batch_is_taken(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_batch(
        run_id,
        metrics=[Metric(f"m{number}", number, 1, 0) for number in range(800)],
        params=[Param(f"p{number}", str(number)) for number in range(100)],
        tags=[RunTag(f"t{number}", str(number)) for number in range(100)],
    )
    data = here.client.get_run(run_id).data
    equal((len(data.metrics), len(data.params), data.tags["t99"]), (800, 100, "99"))


@check
def an_empty_batch_is_taken(here: Here) -> None:
    answer = here.post("runs/log-batch", {"run_id": here.run().info.run_id})
    equal((answer.status, answer.body), (200, {}))
