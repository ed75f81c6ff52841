"""Registers three models through the unmodified mlflow client: what users' own tools make of them is what is served."""

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.linear_model import LinearRegression

REQUIREMENTS = ["mlflow==3.17.2", "numpy==2.4.6", "pandas==3.1.1", "scikit-learn==1.9.1", "scipy==1.17.1"]


def main():
    rng = np.random.default_rng(5)
    plain = pd.DataFrame(rng.normal(size=(50, 3)), columns=["a", "b", "n"])
    log("plain", plain, 2 * plain.a + plain.b - plain.n)
    drivers = pd.DataFrame(rng.normal(size=(50, 3)), columns=["conv_rate", "trips", "hour"])
    log("drivers", drivers, drivers.conv_rate + 10 * drivers.trips + 100 * drivers.hour)


def log(name, frame, target):
    model = LinearRegression().fit(frame, target)
    signature = infer_signature(frame, model.predict(frame))
    example = frame.head(2)
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            model,
            name=name,
            signature=signature,
            input_example=example,
            registered_model_name=f"{name}-pyfunc",
            pip_requirements=REQUIREMENTS,
        )
        single = frame.astype("float32")
        mlflow.onnx.log_model(
            to_onnx(model, single.head(1).to_numpy()),
            name=f"{name}-onnx",
            signature=infer_signature(single, model.predict(frame).astype("float32")),
            input_example=single.head(2),
            registered_model_name=f"{name}-onnx",
        )


if __name__ == "__main__":
    main()
