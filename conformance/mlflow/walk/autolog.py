"""Automatic logging of scikit-learn: what a plain `fit` leaves behind."""

import contextlib
from collections.abc import Iterator

import mlflow
import mlflow.sklearn
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .here import Here
from .runner import check, equal, holds


@contextlib.contextmanager
def automatic(**options) -> Iterator[None]:
    mlflow.sklearn.autolog(silent=True, **options)
    try:
        yield
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)


def _fit_pipeline(here: Here):
    def make():
        experiment = mlflow.set_experiment(here.name()).experiment_id
        data, target = make_classification(60, 4, random_state=1)
        with automatic():
            pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.5)).fit(data, target)
        (run,) = here.client.search_runs([experiment])
        return run, pipeline, data

    return here.once("an automatically logged pipeline", make)


def _search(here: Here):
    def make():
        experiment = mlflow.set_experiment(here.name()).experiment_id
        data, target = make_classification(60, 4, random_state=1)
        with automatic(max_tuning_runs=3):
            GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=2).fit(data, target)
        # The run of the search itself has no parent; candidates may claim to have started before it.
        return sorted(
            here.client.search_runs([experiment]), key=lambda run: "mlflow.parentRunId" in run.data.tags
        )

    return here.once("an automatically logged search", make)


@check
def a_fit_makes_a_finished_run_with_params_and_metrics(here: Here) -> None:
    run, _, _ = _fit_pipeline(here)
    equal(run.info.status, "FINISHED")
    equal(run.data.params["logisticregression__C"], "0.5")
    holds(run.data.metrics["training_accuracy_score"] > 0.5, f"metrics {run.data.metrics}")
    equal(run.data.tags["estimator_name"], "Pipeline")


@check
def a_fit_logs_its_data(here: Here) -> None:
    run, _, _ = _fit_pipeline(here)
    (logged,) = run.inputs.dataset_inputs
    equal({tag.key: tag.value for tag in logged.tags}["mlflow.data.context"], "train")


@check
def a_fit_logs_pictures_and_the_estimator(here: Here) -> None:
    run, _, _ = _fit_pipeline(here)
    files = {each.path for each in here.client.list_artifacts(run.info.run_id)}
    holds({"estimator.html", "training_confusion_matrix.png"} <= files, f"files {files}")


@check
def a_fit_logs_a_model_that_predicts_the_same(here: Here) -> None:
    run, pipeline, data = _fit_pipeline(here)
    (output,) = run.outputs.model_outputs
    model = mlflow.sklearn.load_model(f"models:/{output.model_id}")
    equal(model.predict(data).tolist(), pipeline.predict(data).tolist())
    equal(here.client.get_logged_model(output.model_id).source_run_id, run.info.run_id)


@check
def a_search_makes_a_run_a_candidate_below_its_own(here: Here) -> None:
    parent, *children = _search(here)
    equal(len(children), 3)
    equal({child.data.tags["mlflow.parentRunId"] for child in children}, {parent.info.run_id})
    equal(sorted(child.data.params["C"] for child in children), ["0.1", "1.0", "10.0"])


@check
def a_search_logs_its_best_candidate(here: Here) -> None:
    parent, *_ = _search(here)
    holds(parent.data.params["best_C"] in ("0.1", "1.0", "10.0"), f"params {parent.data.params}")
    holds("best_cv_score" in parent.data.metrics, f"metrics {parent.data.metrics}")
    files = {each.path for each in here.client.list_artifacts(parent.info.run_id)}
    holds("cv_results.csv" in files, f"files {files}")
