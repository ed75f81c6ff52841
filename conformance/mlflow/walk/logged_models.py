"""Logged models as records: create, finish, params, tags, metrics, search, delete."""

import mlflow
from mlflow.entities import (
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelStatus,
    Metric,
)

from .here import API, DOCS, Here
from .runner import check, check_each, equal, holds, refused, same_text

UNKNOWN = "m-" + "f" * 32


def make(here: Here, experiment: str | None = None, **given):
    return here.client.create_logged_model(experiment or here.experiment(), **given)


@check
def a_new_one_is_pending_and_has_all_that_was_given(here: Here) -> None:
    run = here.run()
    model = make(
        here,
        run.info.experiment_id,
        name="forest",
        source_run_id=run.info.run_id,
        tags={"t": "1"},
        params={"depth": "3"},
        model_type="classifier",
    )
    shown = here.client.get_logged_model(model.model_id)
    equal((shown.name, shown.source_run_id, shown.model_type), ("forest", run.info.run_id, "classifier"))
    equal((shown.status, shown.tags, shown.params), (LoggedModelStatus.PENDING, {"t": "1"}, {"depth": "3"}))
    holds(shown.model_id.startswith("m-") and len(shown.model_id) == 34, f"id {shown.model_id}")
    root = here.client.get_experiment(run.info.experiment_id).artifact_location
    equal(shown.artifact_location, f"{root}/models/{shown.model_id}/artifacts")


@check
def one_without_a_name_gets_one(here: Here) -> None:
    holds(make(here).name, "a name")


@check
def one_name_may_be_used_again(here: Here) -> None:
    experiment = here.experiment()
    first, second = make(here, experiment, name="same"), make(here, experiment, name="same")
    holds(first.model_id != second.model_id, "two models")


@check_each(("a/b",), ("a.b",), ("a:b",), ("50%",), ("it's",))
def a_name_is_refused(here: Here, name: str) -> None:
    with refused("INVALID_PARAMETER_VALUE", "Invalid model name (…"):
        make(here, name=name)


@check
def finishing_makes_it_ready_or_failed(here: Here) -> None:
    for status in (LoggedModelStatus.READY, LoggedModelStatus.FAILED):
        model = make(here)
        here.client.finalize_logged_model(model.model_id, status)
        shown = here.client.get_logged_model(model.model_id)
        equal(shown.status, status)
        holds(shown.last_updated_timestamp >= model.last_updated_timestamp, "the update time moves")


@check
def params_can_be_added(here: Here) -> None:
    model = make(here, params={"a": "1"})
    here.client.log_model_params(model.model_id, {"b": "2"})
    equal(here.client.get_logged_model(model.model_id).params, {"a": "1", "b": "2"})


@check
def many_params_go_in_parts(here: Here) -> None:
    given = {f"p{number}": str(number) for number in range(250)}
    mlflow.set_experiment(here.name())
    model = mlflow.initialize_logged_model(name="many", params=given)
    equal(here.client.get_logged_model(model.model_id).params, given)


@check
def tags_are_set_overwritten_and_deleted(here: Here) -> None:
    model_id = make(here, tags={"a": "1"}).model_id
    here.client.set_logged_model_tags(model_id, {"a": "2", "b": "3 ☃"})
    equal(here.client.get_logged_model(model_id).tags, {"a": "2", "b": "3 ☃"})
    here.client.delete_logged_model_tag(model_id, "a")
    equal(here.client.get_logged_model(model_id).tags, {"b": "3 ☃"})
    with refused("RESOURCE_DOES_NOT_EXIST", f"No tag with key 'a' found for model with ID '{model_id}'."):
        here.client.delete_logged_model_tag(model_id, "a")


@check
def an_unknown_one_is_refused(here: Here) -> None:
    message = f"Logged model with ID '{UNKNOWN}' not found."
    for attempt in (
        lambda: here.client.get_logged_model(UNKNOWN),
        lambda: here.client.delete_logged_model(UNKNOWN),
        lambda: here.client.finalize_logged_model(UNKNOWN, LoggedModelStatus.READY),
    ):
        with refused("RESOURCE_DOES_NOT_EXIST", message):
            attempt()
    # For these two the client has words of its own.
    values = [{"key": "a", "value": "1"}]
    for method, what in (("PATCH", "tags"), ("POST", "params")):
        body = {"model_id": UNKNOWN, what: values}
        answer = here.send(method, f"{API}/logged-models/{UNKNOWN}/{what}", json=body)
        equal((answer.status, answer.body.get("message")), (404, message), of=what)


@check
def one_in_an_unknown_experiment_is_refused(here: Here) -> None:
    with refused("RESOURCE_DOES_NOT_EXIST", "No Experiment with id=99999999 exists"):
        make(here, "99999999")


@check
def metrics_of_a_run_can_be_about_a_model_and_a_dataset(here: Here) -> None:
    run = here.run()
    model = make(here, run.info.experiment_id, source_run_id=run.info.run_id)
    here.client.log_batch(
        run.info.run_id,
        metrics=[
            Metric("acc", 0.5, 1, 1, model_id=model.model_id, dataset_name="d", dataset_digest="1"),
            Metric("acc", 0.75, 2, 2, model_id=model.model_id, dataset_name="d", dataset_digest="1"),
        ],
    )
    found = {
        (each.key, each.step, each.value, each.dataset_name, each.dataset_digest, each.run_id)
        for each in here.client.get_logged_model(model.model_id).metrics
    }
    holds(("acc", 2, 0.75, "d", "1", run.info.run_id) in found, f"the newest point in {found}")
    equal(here.client.get_run(run.info.run_id).data.metrics, {"acc": 0.75})


@check
def log_metric_with_a_model_id_reaches_the_model(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run():
        model = mlflow.create_external_model(name="outside")
        mlflow.log_metric("loss", 0.1, step=1, model_id=model.model_id)
    equal(
        [(each.key, each.value) for each in here.client.get_logged_model(model.model_id).metrics],
        [("loss", 0.1)],
    )


@check
def a_run_knows_its_models_in_and_out(here: Here) -> None:
    run = here.run()
    model = make(here, run.info.experiment_id)
    here.client.log_outputs(run.info.run_id, [LoggedModelOutput(model.model_id, step=3)])
    here.client.log_inputs(run.info.run_id, models=[LoggedModelInput(model.model_id)])
    shown = here.client.get_run(run.info.run_id)
    equal([(each.model_id, each.step) for each in shown.outputs.model_outputs], [(model.model_id, 3)])
    equal([each.model_id for each in shown.inputs.model_inputs], [model.model_id])


@check
def a_deleted_one_is_gone_from_get_and_search(here: Here) -> None:
    experiment = here.experiment()
    model_id = make(here, experiment).model_id
    here.client.delete_logged_model(model_id)
    with refused("RESOURCE_DOES_NOT_EXIST", f"Logged model with ID '{model_id}' not found."):
        here.client.get_logged_model(model_id)
    equal(here.client.search_logged_models([experiment]), [])
    kept = here.get(f"logged-models/{model_id}", allow_deleted="true")
    equal((kept.status, kept.body["model"]["info"]["model_id"]), (200, model_id))


def _three(here: Here) -> tuple[str, dict[str, str]]:
    def build() -> tuple[str, dict[str, str]]:
        run = here.run()
        experiment, run_id = run.info.experiment_id, run.info.run_id
        ids = {}
        for name, acc, depth in (("pine", 0.5, "3"), ("oak", 0.9, "5"), ("elm", None, "3")):
            ids[name] = make(
                here,
                experiment,
                name=name,
                params={"depth": depth},
                tags={"kind": name[0]},
                model_type="tree",
            ).model_id
            if acc is not None:
                points = [
                    Metric(
                        "acc", acc, 1, 1, model_id=ids[name], dataset_name=f"data-{name}", dataset_digest="1"
                    )
                ]
                here.client.log_batch(run_id, metrics=points)
        here.client.finalize_logged_model(ids["oak"], LoggedModelStatus.READY)
        return experiment, ids

    return here.once("searched models", build)


def found(here: Here, text: str | None, **options) -> list[str]:
    models = here.client.search_logged_models([_three(here)[0]], filter_string=text, **options)
    return [model.name for model in models]


@check_each(
    (None, "elm oak pine"),
    ("name = 'oak'", "oak"),
    ("name != 'oak'", "elm pine"),
    ("name LIKE '%a%'", "oak"),
    ("name LIKE 'O%'", ""),
    ("attributes.name ILIKE 'O%'", "oak"),
    ("name IN ('oak', 'elm')", "elm oak"),
    ("name NOT IN ('oak', 'elm')", "pine"),
    ("model_type = 'tree' AND params.depth = '3'", "elm pine"),
    ("params.depth != '3'", "oak"),
    ("tags.kind = 'p'", "pine"),
    ("metrics.acc > 0.6", "oak"),
    ("metrics.acc <= 0.9", "oak pine"),
    ("metrics.acc > 0.1 AND tags.kind = 'p'", "pine"),
    ("creation_timestamp > 0", "elm oak pine"),
    ("creation_time > 0 AND last_updated_timestamp > 0", "elm oak pine"),
)
def a_search_finds(here: Here, text: str | None, names: str) -> None:
    equal(found(here, text), names.split())


@check
def models_can_be_found_by_id(here: Here) -> None:
    equal(found(here, f"model_id = '{_three(here)[1]['elm']}'"), ["elm"])
    equal(found(here, f"model_id IN ('{_three(here)[1]['elm']}')"), ["elm"])


@check
def models_can_be_found_by_dataset(here: Here) -> None:
    equal(
        found(here, "metrics.acc > 0", datasets=[{"dataset_name": "data-oak", "dataset_digest": "1"}]),
        ["oak"],
    )
    equal(found(here, None, datasets=[{"dataset_name": "data-pine", "dataset_digest": "1"}]), ["pine"])
    equal(found(here, "metrics.acc > 0", datasets=[{"dataset_name": "data-oak", "dataset_digest": "2"}]), [])


@check_each(
    ([{"field_name": "name", "ascending": True}], "elm oak pine"),
    ([{"field_name": "name", "ascending": False}], "pine oak elm"),
    ([{"field_name": "metrics.acc", "ascending": False}], "oak pine elm"),
    ([{"field_name": "metrics.acc", "ascending": True}], "pine oak elm"),
    ([{"field_name": "metrics.acc", "dataset_name": "data-pine"}], "pine elm oak"),
    ([{"field_name": "creation_timestamp", "ascending": True}], "pine oak elm"),
)
def a_search_orders(here: Here, order: list[dict], names: str) -> None:
    equal(found(here, None, order_by=order), names.split())


@check
def pages_show_each_model_once(here: Here) -> None:
    seen, token = [], None
    for _ in range(5):
        page = here.client.search_logged_models([_three(here)[0]], max_results=1, page_token=token)
        seen += [model.name for model in page]
        token = page.token
        if not token:
            break
    equal(seen, ["elm", "oak", "pine"])


@check_each(
    ({"filter": "name > 'x'"}, "Invalid compar…"),
    ({"filter": "metric.acc > 0"}, "Invalid entity type: 'metric'. Expected one of ['attributes', 'metrics', 'params', 'tags']."),
    ({"filter": "params.p > '0'"}, "Invalid compar…"),
    ({"filter": "name = 'a' OR name = 'b'"}, "Invalid …"),
    ({"filter": "metrics.acc"}, "Invalid …"),
    ({"order_by": [{"field_name": "foo"}]}, "Invalid order by field name: foo"),
    ({"order_by": [{"field_name": "params.p"}]}, "Invalid order by field name: params.p. Only metrics are supported."),
    ({"datasets": [{"dataset_digest": "1"}]}, "…"),
)  # fmt: skip
def a_search_is_refused(here: Here, fields: dict, message: str) -> None:
    answer = here.post("logged-models/search", {"experiment_ids": [_three(here)[0]], **fields})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], message, of="message")


@check
def a_search_needs_experiments(here: Here) -> None:
    answer = here.post("logged-models/search", {})
    equal(
        (answer.status, answer.body["message"]),
        (400, f"Missing value for required parameter 'experiment_ids'.{DOCS}"),
    )


@check
def files_of_a_model_can_be_listed(here: Here) -> None:
    model = make(here)
    folder = here.folder()
    (folder / "data").mkdir()
    (folder / "data" / "w.bin").write_bytes(b"xx")
    here.client.log_model_artifacts(model.model_id, str(folder))
    answer = here.get(f"logged-models/{model.model_id}/artifacts/directories", artifact_directory_path="data")
    equal(answer.body["root_uri"], model.artifact_location)
    equal(answer.body["files"], [{"path": "data/w.bin", "is_dir": False, "file_size": 2}])


@check
def log_params_of_the_entity_keeps_text(here: Here) -> None:
    body = {
        "experiment_id": here.experiment(),
        "name": "raw",
        "params": [
            {"key": parameter.key, "value": parameter.value} for parameter in [LoggedModelParameter("a", "ř")]
        ],
    }
    made = here.post("logged-models", body).body["model"]
    equal(
        (made["info"]["status"], made["data"]["params"]),
        ("LOGGED_MODEL_PENDING", [{"key": "a", "value": "ř"}]),
    )
