"""Learns which flights will be late, from a point-in-time training set to a registered model.

Compile it with the kfp SDK: python pipeline.py pipeline.yaml
"""

import sys
from pathlib import Path

from kfp import compiler, dsl

TRAINING = (Path(__file__).parent / "requirements.txt").read_text().split()


@dsl.component(base_image="python:3.11", packages_to_install=TRAINING)
def build_training_set(
    service: str, dataset: str, last_day: str, days: int, one_in: int, training_set: dsl.Output[dsl.Dataset]
):
    """Asks the feature store for a training set as of each flight's departure, and waits for it.

    Of the flights of so many days up to last_day (included), or up to the newest one when it is empty, one in `one_in` is
    taken, always the same ones.
    """
    import json
    import os
    import time
    import urllib.error
    import urllib.request

    def call(method: str, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(
            f"{os.environ['ATRIUM_URL']}/p/{os.environ['ATRIUM_PROJECT']}/api/atrium/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}", "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise RuntimeError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None

    end = f"timestamp '{last_day}' + interval 1 day" if last_day else "(select max(date) from dataset)"
    flights = f"""
        select origin, destination, date, distance::double as distance,
               hour(date)::double as hour, dayofweek(date)::double as weekday, late
        from dataset
        where date >= {end} - interval {days} day and date < {end}
          and hash(origin, destination, date, delay) % {one_in} = 0
    """
    asked = {"dataset": dataset, "sql": flights, "timestampColumn": "date"}
    made = call("POST", "/features/training-sets", {"service": service, "entities": asked, "defaults": "filled"})
    while made["state"] not in ("succeeded", "failed"):
        time.sleep(0.3)
        made = call("GET", f"/features/training-sets/{made['name']}/{made['number']}")
    if made["state"] == "failed":
        raise RuntimeError(f"Training set {made['name']} {made['number']} failed: {made.get('error')}")

    import mlflow

    folder = os.path.dirname(training_set.path)
    os.makedirs(folder, exist_ok=True)
    file = mlflow.artifacts.download_artifacts(f"mlflow-artifacts:/{made['artifactPath']}", dst_path=folder)
    os.replace(file, training_set.path)
    training_set.metadata.update(name=made["name"], number=made["number"], rows=made["rows"], digest=made["digest"])


@dsl.component(base_image="python:3.11", packages_to_install=TRAINING)
def train(
    algorithm: str, training_set: dsl.Input[dsl.Dataset], experiment: str, model: dsl.Output[dsl.Model]
) -> float:
    """Trains one algorithm on the older four fifths of the flights and answers with its ROC AUC on the newer fifth.

    Logged through mlflow: parameters, loss curves, plots, and a model that scikit-learn and ONNX Runtime both serve.
    """
    import os
    import time
    import warnings
    from importlib.metadata import version

    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    import mlflow
    import onnx
    import pandas as pd
    from mlflow.data.http_dataset_source import HTTPDatasetSource
    from mlflow.entities import Metric
    from mlflow.models import infer_signature
    from mlflow.models import Model as SavedModel
    from onnx import TensorProto, helper
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType
    from sklearn.calibration import calibration_curve
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import SGDClassifier
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score, roc_curve
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    flights = pd.read_parquet(training_set.path).sort_values("date", kind="stable")
    features = [name for name in flights.columns if name not in ("origin", "destination", "date", "late")]
    x = flights[features].astype("float32")
    y = flights["late"].astype("int64").to_numpy()
    cut = len(flights) * 4 // 5
    x_old, y_old, x_new, y_new = x[:cut], y[:cut], x[cut:], y[cut:]
    # Columns are found by their names, in ONNX as in pandas: each is an input of its own.
    in_order = ColumnTransformer([("features", "passthrough", features)]).fit(x_old)

    mlflow.set_experiment(experiment)
    warnings.filterwarnings("ignore", "Hint: Inferred schema contains integer")  # Defaults are filled: nothing is missing.
    # By its address Atrium knows the very training set, and with it where each of its values came from.
    name, number = training_set.metadata["name"], int(training_set.metadata["number"])
    api = f"{os.environ['ATRIUM_URL']}/p/{os.environ['ATRIUM_PROJECT']}/api/atrium/v1"
    source = HTTPDatasetSource(f"{api}/features/training-sets/{name}/{number}")
    with mlflow.start_run(run_name=algorithm) as run:
        mlflow.log_input(mlflow.data.from_pandas(flights, source, targets="late", name=name), context="training")
        mlflow.log_params({"algorithm": algorithm, "rows": len(flights), "features": ", ".join(features)})
        mlflow.log_params({f"training_set_{key}": value for key, value in training_set.metadata.items()})
        if algorithm == "boosted-trees":
            settings = {"max_iter": 60, "learning_rate": 0.15, "max_leaf_nodes": 31, "l2_regularization": 1.0}
            trees = HistGradientBoostingClassifier(**settings, random_state=0).fit(x_old.to_numpy(), y_old)
            curve = [log_loss(y_new, probability[:, 1]) for probability in trees.staged_predict_proba(x_new.to_numpy())]
            fitted = make_pipeline(in_order, trees)
        elif algorithm == "logistic-regression":
            settings = {"loss": "log_loss", "alpha": 1e-4, "eta0": 0.01, "learning_rate": "invscaling"}
            scale = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
            scaled_old, scaled_new = scale.fit_transform(x_old.to_numpy()), scale.transform(x_new.to_numpy())
            linear = SGDClassifier(**settings, random_state=0)
            curve = []
            for _ in range(20):
                linear.partial_fit(scaled_old, y_old, classes=[0, 1])
                curve.append(log_loss(y_new, linear.predict_proba(scaled_new)[:, 1]))
            fitted = make_pipeline(in_order, scale, linear)
        else:
            raise ValueError(f"There is no algorithm '{algorithm}': use boosted-trees or logistic-regression.")
        mlflow.log_params(settings)
        now = int(time.time() * 1000)
        points = [Metric("validation_log_loss", value, now, step) for step, value in enumerate(curve)]
        mlflow.MlflowClient().log_batch(run.info.run_id, metrics=points)

        probability = fitted.predict_proba(x_new)[:, 1]
        auc = float(roc_auc_score(y_new, probability))
        mlflow.log_metrics({"roc_auc": auc, "log_loss": log_loss(y_new, probability)})
        mlflow.log_metrics({"brier": brier_score_loss(y_new, probability), "late_share": float(y_new.mean())})

        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5))
        left.plot(*roc_curve(y_new, probability)[:2])
        left.plot([0, 1], [0, 1], linestyle=":", color="gray")
        left.set(title=f"ROC, AUC {auc:.3f}", xlabel="on time, called late", ylabel="late, called late")
        share, mean = calibration_curve(y_new, probability, n_bins=10, strategy="quantile")
        right.plot(mean, share, marker="o")
        right.plot([0, mean.max()], [0, mean.max()], linestyle=":", color="gray")
        right.set(title="Calibration", xlabel="predicted", ylabel="came true")
        figure.tight_layout()
        mlflow.log_figure(figure, "plots/validation.png")

        served_with = ("mlflow-skinny", "scikit-learn", "pandas", "skops")
        os.makedirs(model.path, exist_ok=True)
        folder = os.path.join(model.path, "model")
        mlflow.sklearn.save_model(
            fitted,
            folder,
            signature=infer_signature(x_new, probability),
            input_example=x_new.head(3),
            skops_trusted_types=["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor", "numpy.dtype"],
            pip_requirements=[f"{name}=={version(name)}" for name in served_with],
        )
        # Both engines answer with one number a flight, the probability that it is late: MLflow by a loader of our own,
        # ONNX by taking that column out of what the classifier gives.
        saved = SavedModel.load(folder)
        os.makedirs(os.path.join(folder, "code"))
        with open(os.path.join(folder, "code", "late_probability.py"), "w") as loader:
            loader.write(
                "import mlflow.sklearn\n\n\n"
                "class LateProbability:\n"
                "    def __init__(self, classifier):\n"
                "        self._classifier = classifier\n\n"
                "    def predict(self, flights, params=None):\n"
                "        return self._classifier.predict_proba(flights)[:, 1]\n\n\n"
                "def _load_pyfunc(folder):\n"
                "    return LateProbability(mlflow.sklearn.load_model(folder))\n"
            )
        saved.flavors["python_function"].update(loader_module="late_probability", code="code")
        for unused in ("model_path", "predict_fn"):
            saved.flavors["python_function"].pop(unused, None)
        columns = [(name, FloatTensorType([None, 1])) for name in features]
        converted = to_onnx(fitted, initial_types=columns, options={"zipmap": False}, target_opset=17)
        late = helper.make_tensor("late", TensorProto.INT64, [], [1])
        converted.graph.initializer.append(late)
        converted.graph.node.append(helper.make_node("Gather", ["probabilities", "late"], ["late_probability"], axis=1))
        del converted.graph.output[:]
        converted.graph.output.append(helper.make_tensor_value_info("late_probability", TensorProto.FLOAT, [None]))
        onnx.save(converted, os.path.join(folder, "model.onnx"))
        saved.add_flavor("onnx", onnx_version=onnx.__version__, data="model.onnx")
        saved.save(os.path.join(folder, "MLmodel"))
        logged = mlflow.initialize_logged_model(
            name="flight-delay", source_run_id=run.info.run_id, model_type="classifier", tags={"algorithm": algorithm}
        )
        client = mlflow.MlflowClient()
        client.log_model_artifacts(logged.model_id, folder)
        mlflow.finalize_logged_model(logged.model_id, "READY")
        model.metadata.update(model_id=logged.model_id, run_id=run.info.run_id, algorithm=algorithm, roc_auc=auc)
    return auc


@dsl.component(base_image="python:3.11", packages_to_install=TRAINING)
def pick_best(models: dsl.Input[list[dsl.Model]], aucs: list, best: dsl.Output[dsl.Model]) -> float:
    """Answers with the highest ROC AUC and passes on the model that has it."""
    auc, model = max(zip(aucs, models), key=lambda pair: pair[0])
    best.uri = model.uri
    best.metadata.update(model.metadata)
    return auc


@dsl.component(base_image="python:3.11", packages_to_install=TRAINING)
def register(model_name: str, alias: str, model: dsl.Input[dsl.Model]) -> str:
    """Registers the model and gives it the alias; answers with the version."""
    import mlflow

    version = mlflow.register_model(f"models:/{model.metadata['model_id']}", model_name)
    client = mlflow.MlflowClient()
    client.update_model_version(
        model_name, version.version, description=f"{model.metadata['algorithm']}, ROC AUC {model.metadata['roc_auc']:.4f}"
    )
    client.set_registered_model_alias(model_name, alias, version.version)
    return str(version.version)


@dsl.pipeline(name="flight-delay", description="From flights to a registered model that says which will be late.")
def flight_delay(
    service: str = "flight_delay",
    dataset: str = "flights",
    last_day: str = "",
    days: int = 91,
    one_in: int = 30,
    experiment: str = "flight-delay",
    model_name: str = "flight-delay",
    alias: str = "champion",
    worst_auc: float = 0.55,
):
    built = build_training_set(
        service=service, dataset=dataset, last_day=last_day, days=days, one_in=one_in
    ).set_retry(num_retries=3)
    with dsl.ParallelFor(["boosted-trees", "logistic-regression"], name="algorithms") as algorithm:
        trained = train(
            algorithm=algorithm, training_set=built.outputs["training_set"], experiment=experiment
        ).set_retry(num_retries=3)
    picked = pick_best(
        models=dsl.Collected(trained.outputs["model"]), aucs=dsl.Collected(trained.outputs["Output"])
    ).set_retry(num_retries=3)
    with dsl.If(picked.outputs["Output"] >= worst_auc, name="good-enough"):
        register(model_name=model_name, alias=alias, model=picked.outputs["best"]).set_retry(num_retries=3)


if __name__ == "__main__":
    compiler.Compiler().compile(flight_delay, sys.argv[1] if len(sys.argv) > 1 else "pipeline.yaml")
