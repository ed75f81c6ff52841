"""The client's own command line, each command a process of its own."""

import json
import os
import subprocess
import sys

import pandas

from .here import Here
from .model_flavors import logged_model
from .runner import check, equal, holds

COMMAND_TIMEOUT_S = 180


def mlflow(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", *arguments],
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    holds(done.returncode == 0, f"mlflow {' '.join(arguments)} ends well, but said {done.stderr[-800:]}")
    return done.stdout + done.stderr


@check
def experiments_are_created_renamed_deleted_and_restored(here: Here) -> None:
    name, new = here.name(), here.name("renamed")
    holds("Created experiment" in mlflow("experiments", "create", "-n", name), "says so")
    made = here.client.get_experiment_by_name(name).experiment_id
    mlflow("experiments", "rename", "-x", made, "--new-name", new)
    equal(here.client.get_experiment(made).name, new)
    mlflow("experiments", "delete", "-x", made)
    equal(here.client.get_experiment(made).lifecycle_stage, "deleted")
    mlflow("experiments", "restore", "-x", made)
    equal(here.client.get_experiment(made).lifecycle_stage, "active")


@check
def experiments_are_listed(here: Here) -> None:
    name = here.client.get_experiment(here.experiment()).name
    holds(name in mlflow("experiments", "search", "--view", "all"), "the name is in the list")


@check
def runs_of_an_experiment_become_a_csv_file(here: Here) -> None:
    run = here.run(run_name="in the table")
    here.client.log_metric(run.info.run_id, "m", 0.5)
    file = here.folder() / "runs.csv"
    mlflow("experiments", "csv", "-x", run.info.experiment_id, "-o", str(file))
    table = pandas.read_csv(file)
    equal((table["run_id"].tolist(), table["metrics.m"].tolist()), ([run.info.run_id], [0.5]))


@check
def runs_are_listed_described_deleted_and_restored(here: Here) -> None:
    run = here.run(run_name="spoken of")
    here.client.log_param(run.info.run_id, "p", "1")
    holds(
        "spoken of" in mlflow("runs", "list", "--experiment-id", run.info.experiment_id),
        "the name is in the list",
    )
    told = json.loads(mlflow("runs", "describe", "--run-id", run.info.run_id))
    equal((told["info"]["run_id"], told["data"]["params"]), (run.info.run_id, {"p": "1"}))
    mlflow("runs", "delete", "--run-id", run.info.run_id)
    equal(here.client.get_run(run.info.run_id).info.lifecycle_stage, "deleted")
    mlflow("runs", "restore", "--run-id", run.info.run_id)
    equal(here.client.get_run(run.info.run_id).info.lifecycle_stage, "active")


@check
def artifacts_are_logged_listed_and_downloaded(here: Here) -> None:
    run_id = here.run().info.run_id
    file = here.folder() / "notes.txt"
    file.write_text("by command")
    mlflow(
        "artifacts", "log-artifact", "--local-file", str(file), "--run-id", run_id, "--artifact-path", "docs"
    )
    listed = json.loads(mlflow("artifacts", "list", "--run-id", run_id, "--artifact-path", "docs"))
    equal([each["path"] for each in listed], ["docs/notes.txt"])
    target = here.folder()
    mlflow("artifacts", "download", "--run-id", run_id, "--artifact-path", "docs", "--dst-path", str(target))
    equal((target / "docs" / "notes.txt").read_text(), "by command")


@check
def models_predict_by_alias(here: Here) -> None:
    _, _, name = logged_model(here)
    folder = here.folder()
    (folder / "in.json").write_text(
        json.dumps({"dataframe_split": {"columns": ["x", "y"], "data": [[1.0, 2.0]]}})
    )
    mlflow(
        "models", "predict", "-m", f"models:/{name}@champion", "--env-manager", "local",
        "-i", str(folder / "in.json"), "-t", "json", "-o", str(folder / "out.json"),
    )  # fmt: skip
    (prediction,) = json.loads((folder / "out.json").read_text())["predictions"]
    holds(abs(prediction - 3.0) < 1e-9, f"the prediction {prediction}")
