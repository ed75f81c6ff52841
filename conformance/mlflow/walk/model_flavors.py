"""Models with their files: logged, loaded by every kind of address, registered, copied."""

import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import numpy
import pandas
from mlflow.models import infer_signature
from sklearn.linear_model import LinearRegression

from .here import Here
from .runner import check, check_each, equal, holds, refused

DATA = pandas.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 1.0, 0.0]})
TARGET = numpy.array([3.0, 3.5, 4.0])
# Given, so that the client does not start another interpreter to find out what the model imports.
REQUIREMENTS = ["scikit-learn", "pandas"]


def _fitted() -> LinearRegression:
    return LinearRegression().fit(DATA, TARGET)


def logged_model(here: Here):
    """A run with metrics, a model logged in it, and the name under which it is registered."""

    def make():
        name = here.name("forest")
        mlflow.set_experiment(here.name())
        with mlflow.start_run() as run:
            mlflow.log_metrics({"rmse": 0.25, "mae": 0.5})
            info = mlflow.sklearn.log_model(
                _fitted(),
                name="model",
                signature=infer_signature(DATA, TARGET),
                input_example=DATA.head(1),
                params={"alpha": 0.5},
                registered_model_name=name,
                pip_requirements=REQUIREMENTS,
            )
        here.client.set_registered_model_alias(name, "champion", "1")
        return run.info.run_id, info, name

    return here.once("a logged scikit-learn model", make)


@check
def log_model_makes_a_ready_model_of_its_run(here: Here) -> None:
    run_id, info, _ = logged_model(here)
    model = here.client.get_logged_model(info.model_id)
    equal((str(model.status), model.source_run_id, model.name), ("READY", run_id, "model"))
    equal(model.params, {"alpha": "0.5"})
    outputs = here.client.get_run(run_id).outputs.model_outputs
    equal([each.model_id for each in outputs], [info.model_id])


@check
def metrics_of_the_run_are_on_the_model(here: Here) -> None:
    _, info, _ = logged_model(here)
    metrics = {each.key: each.value for each in here.client.get_logged_model(info.model_id).metrics}
    equal(metrics, {"rmse": 0.25, "mae": 0.5})


@check_each(
    ("runs:/RUN/model",),
    ("models:/ID",),
    ("models:/NAME/1",),
    ("models:/NAME@champion",),
    ("models:/NAME/latest",),
)
def a_model_loads_by(here: Here, address: str) -> None:
    run_id, info, name = logged_model(here)
    uri = address.replace("RUN", run_id).replace("ID", info.model_id).replace("NAME", name)
    loaded = mlflow.sklearn.load_model(uri)
    holds(numpy.allclose(loaded.predict(DATA), TARGET), "the same predictions")


@check
def pyfunc_predicts_and_checks_the_signature(here: Here) -> None:
    _, _, name = logged_model(here)
    model = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    holds(numpy.allclose(model.predict(DATA), TARGET), "the same predictions")
    equal(model.metadata.get_input_schema().input_names(), ["x", "y"])
    with refused("INVALID_PARAMETER_VALUE", "Failed to enforce schema of data…"):
        model.predict(pandas.DataFrame({"x": ["text"]}))


@check
def the_input_example_comes_along(here: Here) -> None:
    _, info, _ = logged_model(here)
    model = mlflow.pyfunc.load_model(f"models:/{info.model_id}")
    equal(model.input_example.to_dict("list"), {"x": [1.0], "y": [2.0]})


@check
def files_of_a_model_show_below_its_run(here: Here) -> None:
    run_id, _, _ = logged_model(here)
    below = [each.path for each in here.client.list_artifacts(run_id, "model")]
    holds("model/MLmodel" in below, f"MLmodel in {below}")


@check
def get_model_info_reads_the_signature_from_the_server(here: Here) -> None:
    _, info, name = logged_model(here)
    found = mlflow.models.get_model_info(f"models:/{name}/1")
    equal((found.model_id, found.signature), (info.model_id, info.signature))


@check
def a_registered_version_points_to_its_model_and_run(here: Here) -> None:
    run_id, info, name = logged_model(here)
    version = here.client.get_model_version(name, "1")
    equal((version.run_id, version.status), (run_id, "READY"))
    equal(version.source, f"models:/{info.model_id}")
    location = here.client.get_logged_model(info.model_id).artifact_location
    equal(here.client.get_model_version_download_uri(name, "1"), location)


@check
def the_model_knows_its_registered_versions(here: Here) -> None:
    _, info, name = logged_model(here)
    tag = here.client.get_logged_model(info.model_id).tags["mlflow.modelVersions"]
    holds(f'"name": "{name}"' in tag or f'"name":"{name}"' in tag, f"the name in {tag}")


@check
def register_model_makes_the_next_version(here: Here) -> None:
    run_id, info, _ = logged_model(here)
    name = here.name("registered")
    first = mlflow.register_model(f"models:/{info.model_id}", name, tags={"by": "id"})
    second = mlflow.register_model(f"runs:/{run_id}/model", name)
    equal((str(first.version), str(second.version), first.tags), ("1", "2", {"by": "id"}))
    equal({first.run_id, second.run_id}, {run_id})


@check
def a_version_can_be_copied_to_another_name(here: Here) -> None:
    _, _, name = logged_model(here)
    other = here.name("promoted")
    copy = here.client.copy_model_version(f"models:/{name}@champion", other)
    equal((copy.name, str(copy.version)), (other, "1"))
    loaded = mlflow.sklearn.load_model(f"models:/{other}/1")
    holds(numpy.allclose(loaded.predict(DATA), TARGET), "the same predictions")


@check
def a_model_of_own_code_is_logged_and_loaded(here: Here) -> None:
    class Doubler(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input: list[float]) -> list[float]:
            return [2 * value for value in model_input]

    mlflow.set_experiment(here.name())
    info = mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), pip_requirements=["pandas"])
    equal(mlflow.pyfunc.load_model(info.model_uri).predict([1.0, 2.0]), [2.0, 4.0])
    equal(here.client.get_logged_model(info.model_id).source_run_id or None, None, of="no run")


@check
def last_logged_model_and_set_active_model_work(here: Here) -> None:
    mlflow.set_experiment(here.name())
    active = mlflow.set_active_model(name="agent")
    equal(mlflow.get_active_model_id(), active.model_id)
    equal(here.client.get_logged_model(active.model_id).name, "agent")
    mlflow.clear_active_model()


@check
def evaluate_of_a_table_logs_metrics_and_the_dataset(here: Here) -> None:
    mlflow.set_experiment(here.name())
    table = pandas.DataFrame({"truth": [1.0, 2.0, 3.0], "guess": [1.0, 2.0, 4.0]})
    with mlflow.start_run() as run:
        result = mlflow.models.evaluate(
            data=mlflow.data.from_pandas(table, targets="truth", predictions="guess", name="graded"),
            model_type="regressor",
            evaluator_config={"log_explainer": False},
        )
    shown = here.client.get_run(run.info.run_id)
    holds(abs(shown.data.metrics["mean_squared_error"] - 1 / 3) < 1e-9, f"metrics {shown.data.metrics}")
    equal(result.metrics["max_error"], 1.0)
    equal([each.dataset.name for each in shown.inputs.dataset_inputs], ["graded"])
