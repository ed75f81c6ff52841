"""Registers models through the unmodified mlflow client: what users' own tools make of them is what is served.

argv[1] is the address of a saved training set, which the drivers' model names as what it was trained on.
"""

import sys

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, Schema
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression

REQUIREMENTS = [
    "mlflow-skinny==3.17.2",
    "numpy==2.4.6",
    "pandas==3.1.1",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
    "skops==0.16.0",
]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def main():
    rng = np.random.default_rng(5)
    plain = pd.DataFrame(rng.normal(size=(50, 3)), columns=["a", "b", "n"])
    target = 2 * plain.a + plain.b - plain.n
    with mlflow.start_run():
        log_pyfunc("plain", plain, target)
        log_onnx("plain", plain, target)
    drivers = pd.DataFrame(rng.normal(size=(50, 3)), columns=["conv_rate", "trips", "hour"])
    # The client asks Git by itself where its script lies in a repository.
    with mlflow.start_run(run_name="ranking", tags={"mlflow.source.git.commit": COMMIT}):
        mlflow.log_input(mlflow.data.from_pandas(drivers, source=sys.argv[1], name="ranking"))
        log_onnx("drivers", drivers, drivers.conv_rate + 10 * drivers.trips + 100 * drivers.hour)
    with mlflow.start_run():
        for example in ("fine", "fail"):
            log_scripted(example)


def log_pyfunc(name, frame, target):
    model = LinearRegression().fit(frame, target)
    mlflow.sklearn.log_model(
        model,
        name=f"{name}-pyfunc",
        signature=infer_signature(frame, model.predict(frame)),
        input_example=frame.head(2),
        registered_model_name=f"{name}-pyfunc",
        pip_requirements=REQUIREMENTS,
    )


def log_onnx(name, frame, target):
    single = frame.astype("float32")
    model = LinearRegression().fit(frame.to_numpy(), target)
    mlflow.onnx.log_model(
        to_onnx(model, single.head(1).to_numpy()),
        name=f"{name}-onnx",
        signature=infer_signature(single, model.predict(frame.to_numpy()).astype("float32")),
        input_example=single.head(2),
        registered_model_name=f"{name}-onnx",
        pip_requirements=REQUIREMENTS,
    )


class Scripted(mlflow.pyfunc.PythonModel):
    """Does what its row says, so that one model shows how models misbehave."""

    calls = 0

    def predict(self, context, model_input, params=None):
        import os
        import time

        self.calls += 1
        word = str(model_input["word"].iloc[0])
        if word == "exit":
            os._exit(3)
        if word == "hang":
            time.sleep(600)
        if word == "fail":
            raise ValueError("this word is not for me")
        if word == "print":
            print("a line of the model", flush=True)
        return [f"{text} {self.calls}" for text in model_input["word"]]


def log_scripted(example):
    signature = ModelSignature(inputs=Schema([ColSpec("string", "word")]), outputs=Schema([ColSpec("string")]))
    mlflow.pyfunc.log_model(
        name="scripted",
        python_model=Scripted(),
        signature=signature,
        input_example=pd.DataFrame({"word": [example]}),
        registered_model_name="scripted",
        pip_requirements=REQUIREMENTS,
    )


if __name__ == "__main__":
    main()
