"""Runs: start, name, nest, end, delete, restore."""

import re

import mlflow
from mlflow.entities import RunStatus, ViewType

from .here import DOCS, Here
from .runner import Failed, check, equal, holds, refused

UNKNOWN = "f" * 32


@check
def start_run_is_running_and_its_end_is_finished(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        shown = here.client.get_run(run.info.run_id).info
        equal((shown.status, shown.end_time), ("RUNNING", None))
    shown = here.client.get_run(run.info.run_id).info
    equal(shown.status, "FINISHED")
    holds(shown.end_time >= shown.start_time > 0, "ends after it started")


@check
def a_run_left_by_an_exception_is_failed(here: Here) -> None:
    mlflow.set_experiment(here.name())
    try:
        with mlflow.start_run() as run:
            raise KeyError("training broke")
    except KeyError:
        equal(here.client.get_run(run.info.run_id).info.status, "FAILED")


@check
def a_run_can_be_ended_as_killed(here: Here) -> None:
    mlflow.set_experiment(here.name())
    run = mlflow.start_run()
    mlflow.end_run("KILLED")
    equal(here.client.get_run(run.info.run_id).info.status, "KILLED")


@check
def a_run_id_is_32_lowercase_hexadecimal_digits(here: Here) -> None:
    run_id = here.run().info.run_id
    holds(re.fullmatch(r"[0-9a-f]{32}", run_id), f"run id {run_id}")


@check
def a_run_without_a_name_gets_one_of_two_words_and_a_number(here: Here) -> None:
    run = here.run()
    holds(re.fullmatch(r"[a-z]+-[a-z]+-\d{1,3}", run.info.run_name), f"name {run.info.run_name}")
    equal(run.data.tags["mlflow.runName"], run.info.run_name)


@check
def a_name_shows_in_the_run_and_in_its_tag(here: Here) -> None:
    run = here.run(run_name="první běh ☃")
    equal((run.info.run_name, run.data.tags["mlflow.runName"]), ("první běh ☃", "první běh ☃"))


@check
def a_name_can_be_given_by_the_tag_alone(here: Here) -> None:
    equal(here.run(tags={"mlflow.runName": "by tag"}).info.run_name, "by tag")


@check
def two_different_names_are_refused(here: Here) -> None:
    with refused(
        "INVALID_PARAMETER_VALUE",
        "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values"
        " (run_name='one', mlflow.runName='two').",
    ):
        here.run(run_name="one", tags={"mlflow.runName": "two"})


@check
def renaming_changes_the_tag_and_the_tag_changes_the_name(here: Here) -> None:
    run_id = here.run(run_name="first").info.run_id
    here.client.update_run(run_id, name="second")
    shown = here.client.get_run(run_id)
    equal((shown.info.run_name, shown.data.tags["mlflow.runName"]), ("second", "second"))
    here.client.set_tag(run_id, "mlflow.runName", "third")
    equal(here.client.get_run(run_id).info.run_name, "third")


@check
def artifacts_lie_below_the_experiments_location(here: Here) -> None:
    run = here.run()
    root = here.client.get_experiment(run.info.experiment_id).artifact_location
    equal(run.info.artifact_uri, f"{root}/{run.info.run_id}/artifacts")


@check
def create_answers_with_the_whole_run(here: Here) -> None:
    made = here.post(
        "runs/create",
        {
            "experiment_id": here.experiment(),
            "user_id": "alice",
            "start_time": 1700000000000,
            "run_name": "whole",
            "tags": [{"key": "a", "value": "b"}],
        },
    )
    run = made.body["run"]
    equal(set(run), {"info", "data", "inputs", "outputs"} & set(run), of="parts")
    equal(
        {key: run["info"][key] for key in ("run_name", "user_id", "status", "start_time", "lifecycle_stage")},
        {
            "run_name": "whole",
            "user_id": "alice",
            "status": "RUNNING",
            "start_time": 1700000000000,
            "lifecycle_stage": "active",
        },
    )
    equal(run["info"]["run_uuid"], run["info"]["run_id"], of="run_uuid")
    holds("end_time" not in run["info"], "no end_time before the end")
    holds({"key": "a", "value": "b"} in run["data"]["tags"], "the tag")
    holds("metrics" not in run["data"] and "params" not in run["data"], "empty lists are left out")


@check
def update_answers_with_the_run_info(here: Here) -> None:
    run_id = here.run().info.run_id
    answer = here.post("runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 1700000001000})
    equal(list(answer.body), ["run_info"])
    equal(
        (answer.body["run_info"]["status"], answer.body["run_info"]["end_time"]), ("FINISHED", 1700000001000)
    )


@check
def update_leaves_alone_what_is_not_given(here: Here) -> None:
    run_id = here.run(run_name="stays").info.run_id
    here.client.set_terminated(run_id, "FAILED", end_time=1700000001000)
    here.client.update_run(run_id, name="new name")
    shown = here.client.get_run(run_id).info
    equal((shown.run_name, shown.status, shown.end_time), ("new name", "FAILED", 1700000001000))


@check
def every_status_can_be_set(here: Here) -> None:
    run_id = here.run().info.run_id
    for status in ("SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"):
        here.client.update_run(run_id, status=status)
        equal(here.client.get_run(run_id).info.status, status)
        holds(RunStatus.from_string(status), status)


@check
def a_run_can_be_taken_up_again(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as first:
        mlflow.log_param("a", 1)
    with mlflow.start_run(run_id=first.info.run_id):
        equal(here.client.get_run(first.info.run_id).info.status, "RUNNING")
        mlflow.log_param("b", 2)
    shown = here.client.get_run(first.info.run_id)
    equal((shown.info.status, shown.data.params), ("FINISHED", {"a": "1", "b": "2"}))


@check
def nested_runs_know_their_parent(here: Here) -> None:
    experiment = mlflow.set_experiment(here.name()).experiment_id
    with mlflow.start_run(run_name="parent") as parent:
        for name in ("one", "two"):
            with mlflow.start_run(run_name=name, nested=True) as child:
                with mlflow.start_run(run_name=f"{name}-inner", nested=True) as inner:
                    equal(inner.data.tags["mlflow.parentRunId"], child.info.run_id)
    children = here.client.search_runs(
        [experiment], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'", order_by=["run_name"]
    )
    equal([each.info.run_name for each in children], ["one", "two"])
    equal(mlflow.get_parent_run(children[0].info.run_id).info.run_id, parent.info.run_id)


@check
def start_run_records_who_and_what(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run(description="Why it ran", tags={"kind": "walk"}) as run:
        pass
    tags = here.client.get_run(run.info.run_id).data.tags
    equal((tags["kind"], tags["mlflow.note.content"]), ("walk", "Why it ran"))
    for key in ("mlflow.user", "mlflow.source.name", "mlflow.source.type"):
        holds(tags.get(key), f"tag {key} in {tags}")


@check
def a_start_time_may_be_given(here: Here) -> None:
    equal(here.run(start_time=1).info.start_time, 1)


@check
def an_unknown_run_is_refused(here: Here) -> None:
    with refused("RESOURCE_DOES_NOT_EXIST", f"Run with id={UNKNOWN} not found"):
        here.client.get_run(UNKNOWN)
    for path, body in (
        ("runs/update", {"status": "FINISHED"}),
        ("runs/delete", {}),
        ("runs/restore", {}),
        ("runs/set-tag", {"key": "a", "value": "b"}),
        ("runs/delete-tag", {"key": "a"}),
        ("runs/log-metric", {"key": "a", "value": 1, "timestamp": 1}),
        ("runs/log-parameter", {"key": "a", "value": "b"}),
        ("runs/log-batch", {"tags": [{"key": "a", "value": "b"}]}),
    ):
        answer = here.post(path, {"run_id": UNKNOWN, **body})
        equal((answer.status, answer.body.get("error_code")), (404, "RESOURCE_DOES_NOT_EXIST"), of=path)
        equal(answer.body["message"], f"Run with id={UNKNOWN} not found", of=path)


@check
def an_unknown_experiment_is_refused(here: Here) -> None:
    with refused("RESOURCE_DOES_NOT_EXIST", "No Experiment with id=99999999 exists"):
        here.client.create_run("99999999")


@check
def a_missing_run_id_is_refused_everywhere(here: Here) -> None:
    for path in (
        "update",
        "delete",
        "restore",
        "set-tag",
        "delete-tag",
        "log-metric",
        "log-parameter",
        "log-batch",
    ):
        answer = here.post(f"runs/{path}", {"key": "k", "value": "1", "timestamp": 1})
        equal(answer.status, 400, of=path)
        equal(answer.body["message"], f"Missing value for required parameter 'run_id'.{DOCS}", of=path)


@check
def run_uuid_is_taken_for_run_id(here: Here) -> None:
    run_id = here.run().info.run_id
    equal(here.get("runs/get", run_uuid=run_id).body["run"]["info"]["run_id"], run_id)
    equal(here.post("runs/log-parameter", {"run_uuid": run_id, "key": "p", "value": "1"}).status, 200)


@check
def an_id_in_capitals_is_another_id(here: Here) -> None:
    run_id = here.run().info.run_id.upper()
    with refused("RESOURCE_DOES_NOT_EXIST", f"Run with id={run_id} not found"):
        here.client.get_run(run_id)


@check
def a_deleted_run_is_shown_but_takes_nothing(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.set_tag(run_id, "a", "b")
    here.client.delete_run(run_id)
    equal(here.client.get_run(run_id).info.lifecycle_stage, "deleted")
    # The client adds advice of its own to the answer about a param.
    message = f"The run {run_id} must be in the 'active' state. Current state is deleted.…"
    for attempt in (
        lambda: here.client.log_metric(run_id, "m", 1),
        lambda: here.client.log_param(run_id, "p", 1),
        lambda: here.client.set_tag(run_id, "t", 1),
        lambda: here.client.delete_tag(run_id, "a"),
        lambda: here.client.update_run(run_id, status="FAILED"),
        lambda: here.client.log_batch(run_id, tags=[mlflow.entities.RunTag("a", "c")]),
        lambda: here.client.log_inputs(run_id, datasets=[]),
    ):
        with refused("INVALID_PARAMETER_VALUE", message):
            attempt()


@check
def delete_and_restore_may_be_repeated(here: Here) -> None:
    run_id = here.run().info.run_id
    for stage, act in (("deleted", here.client.delete_run), ("active", here.client.restore_run)):
        act(run_id)
        act(run_id)
        equal(here.client.get_run(run_id).info.lifecycle_stage, stage)


@check
def a_restored_run_has_all_it_had(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_param(run_id, "p", "1")
    here.client.log_metric(run_id, "m", 0.5)
    here.client.delete_run(run_id)
    here.client.restore_run(run_id)
    data = here.client.get_run(run_id).data
    equal((data.params, data.metrics), ({"p": "1"}, {"m": 0.5}))


@check
def delete_run_of_the_fluent_api_hides_it_from_searches(here: Here) -> None:
    experiment = mlflow.set_experiment(here.name()).experiment_id
    with mlflow.start_run() as run:
        pass
    mlflow.delete_run(run.info.run_id)
    equal(here.client.search_runs([experiment]), [])
    equal(len(here.client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)), 1)


@check
def last_active_run_and_active_run_agree(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        equal(mlflow.active_run().info.run_id, run.info.run_id)
    if mlflow.last_active_run().info.run_id != run.info.run_id:
        raise Failed("last_active_run is another")
