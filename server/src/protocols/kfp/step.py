"""Runs one lightweight component in this folder with the SDK's own executor.

The server cannot know where this folder is, so that all paths in executor-input.json are below it; the executor gets
them whole, and what it writes is told in paths below the folder again. It is called by import and not by a shell, as one
argument of a command line holds no more than 128 KiB.
"""

import json
import math
import os
import shutil
import sys

INPUT = "executor-input.json"
OUTPUT = "executor-output.json"
OURS = ("inputs/", "outputs/", "parameters/")


def main(function: str) -> None:
    # Keeps `import kfp` from importing what only a compiler and a client need.
    os.environ["_KFP_RUNTIME"] = "true"
    here = os.getcwd()
    with open(INPUT, encoding="utf-8") as file:
        given = json.load(file)
    make_absolute(given, here)
    os.makedirs("outputs", exist_ok=True)
    os.makedirs("parameters", exist_ok=True)
    sys.argv = [
        "executor_main",
        "--component_module_path",
        os.path.join(here, "component.py"),
        "--executor_input",
        json.dumps(given),
        "--function_to_execute",
        function,
    ]
    from kfp.dsl import executor_main

    executor_main.executor_main()
    os.chdir(here)
    with open(OUTPUT + ".new", "w", encoding="utf-8") as file:
        json.dump(finite(told(given, here)), file)
    os.replace(OUTPUT + ".new", OUTPUT)


def make_absolute(given: dict, here: str) -> None:
    """Makes the paths of artifacts and of outputs whole; other addresses stay as they are."""
    outputs = given["outputs"]
    for artifacts in (given["inputs"]["artifacts"], outputs["artifacts"]):
        for named in artifacts.values():
            for artifact in named["artifacts"]:
                if artifact["uri"].startswith(OURS):
                    artifact["uri"] = os.path.join(here, artifact["uri"])
    for parameter in outputs["parameters"].values():
        parameter["outputFile"] = os.path.join(here, parameter["outputFile"])
    outputs["outputFile"] = os.path.join(here, outputs["outputFile"])


def told(given: dict, here: str) -> dict:
    """What the executor wrote, with parameters that the function wrote to files, and with every file in its place."""
    written = {}
    if os.path.exists(OUTPUT):
        with open(OUTPUT, encoding="utf-8") as file:
            written = json.load(file)
    values = written.setdefault("parameterValues", {})
    for name, parameter in given["outputs"]["parameters"].items():
        if name not in values and os.path.isfile(parameter["outputFile"]):
            with open(parameter["outputFile"], encoding="utf-8") as file:
                values[name] = file.read()
    artifacts = written.setdefault("artifacts", {})
    for name, declared in given["outputs"]["artifacts"].items():
        # A function that takes only a path tells nothing of the artifact.
        listed = artifacts.setdefault(name, {"artifacts": [dict(declared["artifacts"][0])]})
        for artifact in listed["artifacts"][:1]:
            put_in_place(artifact, os.path.join(here, "outputs", name), here)
    return written


def put_in_place(artifact: dict, place: str, here: str) -> None:
    """A file that a function left elsewhere is copied to where the server looks for it; a remote address is kept."""
    path = artifact.pop("custom_path", None) or artifact.get("uri", "")
    if os.path.isabs(path) and os.path.exists(path) and os.path.realpath(path) != os.path.realpath(place):
        if os.path.isdir(path):
            shutil.copytree(path, place, dirs_exist_ok=True)
        else:
            shutil.copyfile(path, place)
    if os.path.isabs(path) or os.path.exists(place):
        artifact["uri"] = os.path.relpath(place, here)


def finite(value):
    """JSON has no NaN and no infinity; they are told as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


if __name__ == "__main__":
    main(sys.argv[1])
