"""Models that the engines are tested with, made by the tools that users make theirs with: one folder each below argv[1]."""

import sys
from pathlib import Path

import mlflow
import numpy as np
import onnx
import pandas as pd
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression

OUT = Path(sys.argv[1])
FEATURES, HIDDEN, CLASSES = 128, 256, 10
OPSET = [helper.make_opsetid("", 17)]

mlflow.set_tracking_uri(f"sqlite:///{OUT}/mlflow.db")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    save("mlp", mlp(), external=False)
    save("mlp-external", mlp(), external=True)
    identities()
    endless()
    classifiers()
    columns()
    tensors()
    scripted("scripted", signed=True)
    scripted("unsigned", signed=False)


def save(name, model, external=False):
    mlflow.onnx.save_model(model, OUT / name, save_as_external_data=external)


def mlp():
    rng = np.random.default_rng(7)
    sizes, nodes, weights = [FEATURES, HIDDEN, HIDDEN, CLASSES], [], []
    value = "x"
    for layer, (rows, width) in enumerate(zip(sizes, sizes[1:])):
        weights.append(numpy_helper.from_array(rng.normal(0, 0.1, (rows, width)).astype("f4"), f"w{layer}"))
        weights.append(numpy_helper.from_array(rng.normal(0, 0.1, width).astype("f4"), f"b{layer}"))
        last = layer == len(sizes) - 2
        gemm = f"g{layer}"
        nodes.append(helper.make_node("Gemm", [value, f"w{layer}", f"b{layer}"], [gemm]))
        value = "y" if last else f"r{layer}"
        nodes.append(helper.make_node("Softmax" if last else "Relu", [gemm], [value]))
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", FEATURES]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", CLASSES]),
    ]
    return model_of(nodes, ends, weights)


def identities():
    """One model with an input and an output of every type that the runtime's binding has."""
    kinds = {
        **{"BOOL": "BOOL", "UINT8": "UINT8", "UINT16": "UINT16", "UINT32": "UINT32", "UINT64": "UINT64"},
        **{"INT8": "INT8", "INT16": "INT16", "INT32": "INT32", "INT64": "INT64"},
        **{"FP16": "FLOAT16", "FP32": "FLOAT", "FP64": "DOUBLE", "BYTES": "STRING"},
    }
    for name, kind in kinds.items():
        element = getattr(TensorProto, kind)
        node = helper.make_node("Identity", ["x"], ["y"])
        ends = [helper.make_tensor_value_info(end, element, ["n", 2]) for end in ("x", "y")]
        save(f"identity-{name.lower()}", model_of([node], ends))


def endless():
    """Loops for ever on a negative number; for others it is done at once."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Identity", ["value"], ["value_on"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value_on", TensorProto.FLOAT, None),
        ],
    )
    nodes = [
        helper.make_node("ReduceMin", ["x"], ["least"], keepdims=0),
        helper.make_node("Constant", [], ["zero"], value=numpy_helper.from_array(np.float32(0))),
        helper.make_node("Less", ["least", "zero"], ["bad"]),
        helper.make_node("Loop", ["", "bad", "x"], ["y"], body=body),
    ]
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 1]),
    ]
    save("endless", model_of(nodes, ends))


def model_of(nodes, ends, weights=()):
    inputs, outputs = ends[:1], ends[1:]
    graph = helper.make_graph(nodes, "graph", inputs, outputs, list(weights))
    model = helper.make_model(graph, opset_imports=OPSET, ir_version=10)
    onnx.checker.check_model(model)
    return model


def classifiers():
    rng = np.random.default_rng(3)
    data = rng.normal(size=(200, 4)).astype("f4")
    labels = (data[:, 0] > 0).astype("i8") + (data[:, 1] > 0)
    forest = RandomForestClassifier(10, random_state=1).fit(data, labels)
    for name, zipped in (("classifier-zipmap", True), ("classifier-plain", False)):
        save(name, to_onnx(forest, data[:1], options={"zipmap": zipped}))
    (OUT / "classifier.json").write_text(
        pd.Series(
            {
                "data": data[:8].tolist(),
                "labels": forest.predict(data[:8]).tolist(),
                "probabilities": forest.predict_proba(data[:8]).tolist(),
            }
        ).to_json()
    )


def columns():
    """A scikit-learn model of named columns, with signature and example, as `mlflow.sklearn.log_model` leaves it."""
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0.5, 0.25, 0.0, 1.0], "n": [3, 1, 4, 2]})
    model = LinearRegression().fit(frame, 2 * frame.a + frame.b - frame.n)
    signature = infer_signature(frame, model.predict(frame))
    mlflow.sklearn.save_model(model, OUT / "columns", signature=signature, input_example=frame.head(2))


def tensors():
    data = np.arange(12, dtype="f8").reshape(4, 3)
    model = LinearRegression().fit(data, data.sum(axis=1))
    signature = infer_signature(data, model.predict(data))
    mlflow.sklearn.save_model(model, OUT / "tensors", signature=signature, input_example=data[:2])


class Scripted(mlflow.pyfunc.PythonModel):
    """Does what its first row says, so that one model shows every way in which models misbehave."""

    def predict(self, context, model_input, params=None):
        import os
        import subprocess
        import time

        word = str(model_input["word"].iloc[0])
        if word == "exit":
            os._exit(3)
        if word == "quit":
            raise SystemExit("I quit")
        if word == "abort":
            os.abort()
        if word == "sleep":
            time.sleep(600)
        if word == "spin":
            import re

            re.match(r"(a+)+$", "a" * 64 + "b")  # Holds the interpreter's lock for years.
        if word == "child":
            return [str(subprocess.Popen(["sleep", "600"]).pid)] * len(model_input)
        if word == "environment":
            return ["\n".join(sorted(os.environ))] * len(model_input)
        if word == "fail":
            raise ValueError("this word is not for me")
        if word == "print":
            print("a line of the model")
        if word == "memory":
            return [len(bytearray(64 * 2**30))]
        if word == "leak":
            self.kept = bytearray(os.urandom(1)) * (600 * 2**20)
        if word == "whole":
            return len(model_input)
        factor = (params or {}).get("times", 1)
        return [f"{text * factor}/{len(model_input)}" for text in model_input["word"]]


def scripted(name, signed):
    signature = ModelSignature(
        inputs=Schema([ColSpec("string", "word")]),
        outputs=Schema([ColSpec("string")]),
        params=ParamSchema([ParamSpec("times", "integer", 1)]),
    )
    mlflow.pyfunc.save_model(OUT / name, python_model=Scripted(), signature=signature if signed else None)


if __name__ == "__main__":
    main()
