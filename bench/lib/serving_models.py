"""Registers a network as ONNX and a scikit-learn model of named columns, and leaves both beside: argv[1] is the folder."""

import sys
from pathlib import Path

import mlflow
import numpy as np
import onnx
import pandas as pd
from mlflow.models import infer_signature
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LinearRegression

OUT = Path(sys.argv[1])
SIZES = [128, 256, 256, 10]
REQUIREMENTS = [
    "mlflow-skinny==3.17.2",
    "numpy==2.4.6",
    "pandas==3.1.1",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
    "skops==0.16.0",
]


def main():
    network = mlp()
    onnx.save(network, OUT / "mlp.onnx")
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.5, 0.25, 0.0, 1.0], "n": [3, 1, 4, 2]})
    model = LinearRegression().fit(frame, 2 * frame.a + frame.b - frame.n)
    given = {"signature": infer_signature(frame, model.predict(frame)), "pip_requirements": REQUIREMENTS}
    mlflow.sklearn.save_model(model, OUT / "columns", **given)
    with mlflow.start_run():
        mlflow.onnx.log_model(network, name="mlp", registered_model_name="mlp", pip_requirements=REQUIREMENTS)
        mlflow.sklearn.log_model(model, name="columns", registered_model_name="columns", **given)


def mlp():
    rng = np.random.default_rng(7)
    nodes, weights, value = [], [], "x"
    for layer, (rows, width) in enumerate(zip(SIZES, SIZES[1:])):
        weights.append(numpy_helper.from_array(rng.normal(0, 0.1, (rows, width)).astype("f4"), f"w{layer}"))
        weights.append(numpy_helper.from_array(rng.normal(0, 0.1, width).astype("f4"), f"b{layer}"))
        last = layer == len(SIZES) - 2
        nodes.append(helper.make_node("Gemm", [value, f"w{layer}", f"b{layer}"], [f"g{layer}"]))
        value = "y" if last else f"r{layer}"
        nodes.append(helper.make_node("Softmax" if last else "Relu", [f"g{layer}"], [value]))
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", SIZES[0]]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", SIZES[-1]]),
    ]
    graph = helper.make_graph(nodes, "mlp", ends[:1], ends[1:], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


if __name__ == "__main__":
    main()
