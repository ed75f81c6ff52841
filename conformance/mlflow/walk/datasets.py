"""Datasets as inputs of runs."""

import mlflow
import mlflow.data
import pandas
from mlflow.entities import Dataset, DatasetInput, InputTag

from .here import Here
from .runner import check, check_each, equal, holds


def table() -> pandas.DataFrame:
    return pandas.DataFrame({"age": [31, 45], "height": [1.7, 1.6], "name": ["Eva", "Ota"]})


def given(name: str = "d", digest: str = "1", **tags: str) -> DatasetInput:
    data = Dataset(name=name, digest=digest, source_type="local", source="{}", schema="{}", profile="{}")
    return DatasetInput(data, [InputTag(key, value) for key, value in tags.items()])


def inputs(here: Here, run_id: str) -> list[tuple[str, str, dict[str, str]]]:
    found = here.client.get_run(run_id).inputs.dataset_inputs
    return sorted(
        (each.dataset.name, each.dataset.digest, {tag.key: tag.value for tag in each.tags}) for each in found
    )


@check
def a_table_of_pandas_is_logged_with_its_schema_and_profile(here: Here) -> None:
    mlflow.set_experiment(here.name())
    data = mlflow.data.from_pandas(table(), source="people.csv", name="people", targets="name")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training")
    (logged,) = here.client.get_run(run.info.run_id).inputs.dataset_inputs
    equal((logged.dataset.name, logged.dataset.digest), ("people", data.digest))
    equal([(tag.key, tag.value) for tag in logged.tags], [("mlflow.data.context", "training")])
    holds(
        '"age"' in logged.dataset.schema and '"num_rows": 2' in logged.dataset.profile, "schema and profile"
    )
    equal(mlflow.data.get_source(logged).uri, "people.csv")


@check
def the_same_input_twice_counts_once(here: Here) -> None:
    mlflow.set_experiment(here.name())
    data = mlflow.data.from_pandas(table(), name="people")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training")
        mlflow.log_input(data, context="training")
    equal(inputs(here, run.info.run_id), [("people", data.digest, {"mlflow.data.context": "training"})])


@check
def the_first_tags_of_an_input_stay(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_inputs(run_id, [given(use="first")])
    here.client.log_inputs(run_id, [given(use="second")])
    equal(inputs(here, run_id), [("d", "1", {"use": "first"})])


@check
def several_inputs_with_tags_of_their_own(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        mlflow.log_inputs(
            datasets=[mlflow.data.from_pandas(table(), name=name) for name in ("a", "b")],
            contexts=["train", "test"],
            tags_list=[{"part": "1"}, None],
        )
    tags = {name: tags for name, _, tags in inputs(here, run.info.run_id)}
    equal(tags["a"], {"mlflow.data.context": "train", "part": "1"})
    equal(tags["b"], {"mlflow.data.context": "test"})


@check
def one_name_with_two_digests_is_two_datasets(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_inputs(run_id, [given(digest="1"), given(digest="2")])
    equal([digest for _, digest, _ in inputs(here, run_id)], ["1", "2"])


@check
def two_runs_share_a_dataset_and_the_first_one_defines_it(here: Here) -> None:
    experiment = here.experiment()
    first, second = (here.client.create_run(experiment).info.run_id for _ in range(2))
    here.client.log_inputs(first, [given()])
    changed = Dataset(name="d", digest="1", source_type="http", source="elsewhere")
    here.client.log_inputs(second, [DatasetInput(changed, [])])
    (logged,) = here.client.get_run(second).inputs.dataset_inputs
    equal((logged.dataset.source_type, logged.dataset.source), ("local", "{}"))


@check
def a_dataset_without_schema_or_profile_has_none(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_inputs(run_id, [DatasetInput(Dataset("bare", "1", "local", "{}"), [])])
    (logged,) = here.client.get_run(run_id).inputs.dataset_inputs
    equal((logged.dataset.schema or None, logged.dataset.profile or None), (None, None))


@check_each(
    ("name", "n" * 501, 500),
    ("digest", "n" * 37, 36),
    ("source", "n" * 65536, 65535),
    ("schema", "n" * 1048576, 1048575),
)
def too_long_is(here: Here, field: str, text: str, most: int) -> None:
    data = {"name": "d", "digest": "1", "source_type": "local", "source": "{}", field: text}
    body = {"run_id": here.run().info.run_id, "datasets": [{"dataset": data}]}
    answer = here.post("runs/log-inputs", body)
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    told = f"exceeds the maximum length of {most} characters"
    holds(told in answer.body["message"], answer.body["message"])


@check
def datasets_of_an_experiment_can_be_listed(here: Here) -> None:
    experiment = here.experiment()
    run_id = here.client.create_run(experiment).info.run_id
    here.client.log_inputs(run_id, [given(**{"mlflow.data.context": "train"})])
    answer = here.send(
        "POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", json={"experiment_ids": [experiment]}
    )
    equal(answer.status, 200, of="status")
    equal(
        answer.body["dataset_summaries"],
        [{"experiment_id": experiment, "name": "d", "digest": "1", "context": "train"}],
    )
