"""The pipelines of the walk: each is small, and shows one thing that a run can do."""

from typing import List, NamedTuple

from kfp import dsl


@dsl.component
def add(a: int, b: int) -> int:
    return a + b


@dsl.component
def describe(
    text: str, ratio: float, flag: bool, items: list, mapping: dict, maybe: str = "nothing"
) -> NamedTuple("Said", line=str, half=float, turned=bool, doubled=list, keys=dict):
    said = NamedTuple("Said", line=str, half=float, turned=bool, doubled=list, keys=dict)
    return said(f"{text} {maybe}", ratio / 2, not flag, items * 2, {key: key for key in mapping})


@dsl.component
def write_file(
    text: str, data: dsl.Output[dsl.Dataset], folder: dsl.Output[dsl.Artifact], metrics: dsl.Output[dsl.Metrics]
):
    import os

    with open(data.path, "w") as file:
        file.write(text)
    data.metadata["rows"] = 1
    os.makedirs(folder.path)
    for name in ("one.txt", "two.txt"):
        with open(os.path.join(folder.path, name), "w") as file:
            file.write(name)
    metrics.log_metric("accuracy", 0.5)


@dsl.component
def read_file(data: dsl.Input[dsl.Dataset], folder: dsl.Input[dsl.Artifact], metrics: dsl.Input[dsl.Metrics]) -> str:
    import os

    with open(data.path) as file:
        text = file.read()
    names = sorted(os.listdir(folder.path))
    return f"{text}, {data.metadata['rows']}, {names}, {metrics.metadata['accuracy']}"


@dsl.component
def write_path(text: str, out: dsl.OutputPath(str), count: dsl.OutputPath(int)):
    with open(out, "w") as file:
        file.write(text)
    with open(count, "w") as file:
        file.write(str(len(text)))


@dsl.component
def numbers(upto: int) -> list:
    return list(range(upto))


@dsl.component
def square(x: int, out: dsl.Output[dsl.Artifact]) -> int:
    with open(out.path, "w") as file:
        file.write(str(x * x))
    return x * x


@dsl.component
def total(values: List[int], files: dsl.Input[List[dsl.Artifact]]) -> int:
    # The SDK's executor gives nothing at all for a list without artifacts.
    read = [int(open(file.path).read()) for file in files or []]
    assert read == values, (read, values)
    return sum(values)


@dsl.component
def fail(message: str) -> str:
    raise ValueError(message)


@dsl.component
def pass_when_told(url: str, token: str, experiment: str) -> str:
    """Fails until somebody has made the experiment."""
    import json
    import urllib.request

    request = urllib.request.Request(
        f"{url}/api/2.0/mlflow/experiments/get-by-name?experiment_name={experiment}",
        headers={"Authorization": f"Bearer {token}"},
    )
    return json.load(urllib.request.urlopen(request))["experiment"]["name"]


@dsl.component
def status_of(status: dsl.PipelineTaskFinalStatus) -> str:
    return f"{status.state}: {status.error_message}"


@dsl.component
def sleep(seconds: int) -> int:
    import time

    time.sleep(seconds)
    return seconds


@dsl.component
def told(text: str) -> str:
    return text


@dsl.pipeline(name="sum", description="Adds twice")
def sums(a: int, b: int = 2) -> int:
    return add(a=add(a=a, b=b).output, b=10).output


@dsl.pipeline(name="every-type")
def every_type(text: str = "hi", ratio: float = 0.5, flag: bool = True, items: list = [1, 2], mapping: dict = {"k": 1}):
    describe(text=text, ratio=ratio, flag=flag, items=items, mapping=mapping)


@dsl.pipeline(name="files")
def files(text: str = "content"):
    written = write_file(text=text)
    read_file(
        data=written.outputs["data"], folder=written.outputs["folder"], metrics=written.outputs["metrics"]
    )
    write_path(text=text)


@dsl.pipeline(name="branches")
def branches(a: int) -> str:
    with dsl.If(a == 1):
        one = told(text="one")
    with dsl.Elif(a > 5):
        many = told(text="many")
    with dsl.Else():
        other = told(text="other")
    return told(text=dsl.OneOf(one.output, many.output, other.output)).output


@dsl.pipeline(name="loops")
def loops(upto: int = 4) -> int:
    listed = numbers(upto=upto)
    with dsl.ParallelFor(listed.output, parallelism=2) as x:
        squared = square(x=x)
    with dsl.ParallelFor([{"a": 1, "b": 2}, {"a": 3, "b": 4}]) as pair:
        add(a=pair.a, b=pair.b)
    return total(values=dsl.Collected(squared.outputs["Output"]), files=dsl.Collected(squared.outputs["out"])).output


@dsl.pipeline(name="exits")
def exits(message: str = "out of luck"):
    with dsl.ExitHandler(status_of()):
        told(text=fail(message=message).output)
        told(text="goes on")


@dsl.pipeline(name="retried")
def retried():
    fail(message="each time").set_retry(2, backoff_duration="0s")


@dsl.pipeline(name="waits-for-a-person")
def waits(url: str, token: str, experiment: str):
    before = told(text="done once").set_caching_options(False)
    pass_when_told(url=url, token=token, experiment=experiment).after(before)


@dsl.pipeline(name="long")
def long(seconds: int = 120):
    told(text="after").after(sleep(seconds=seconds))


@dsl.pipeline(name="inside")
def inside(a: int) -> int:
    return add(a=a, b=1).output


@dsl.pipeline(name="nested")
def nested(a: int = 1) -> int:
    imported = dsl.importer(artifact_uri="gs://bucket/data", artifact_class=dsl.Dataset, metadata={"k": "v"})
    told(text=f"{a}-{dsl.PIPELINE_JOB_NAME_PLACEHOLDER}").after(imported)
    return inside(a=inside(a=a).output).output


@dsl.component(packages_to_install=["mlflow-skinny==3.5.1"])
def logs_a_run(x: float) -> str:
    import mlflow

    with mlflow.start_run() as run:
        mlflow.log_param("x", x)
    return run.info.run_id


@dsl.pipeline(name="tracked")
def tracked(x: float = 1.5):
    logs_a_run(x=x).set_caching_options(False)


@dsl.component
def builds_a_set(service: str, out: dsl.Output[dsl.Dataset]) -> int:
    """Asks the feature store for a training set by its own token, as a pipeline's first step does."""
    import json
    import os
    import time
    import urllib.error
    import urllib.request

    def call(method: str, path: str, body: dict | None = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}", "Content-Type": "application/json"}
        url = f"{os.environ['ATRIUM_URL']}/api/atrium/v1/features/training-sets{path}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise RuntimeError(refused.read().decode()) from None

    asked = {"dataset": "lineage-trips", "sql": 'select driver, "at" from dataset', "timestampColumn": "at"}
    made = call("POST", "", {"service": service, "entities": asked})
    while made["state"] not in ("succeeded", "failed"):
        time.sleep(0.3)
        made = call("GET", f"/{made['name']}/{made['number']}")
    assert made["state"] == "succeeded", made
    with open(out.path, "w") as file:
        file.write(str(made["rows"]))
    return made["number"]


@dsl.component(packages_to_install=["mlflow-skinny==3.5.1"])
def registers_a_model(data: dsl.Input[dsl.Dataset], name: str) -> str:
    import mlflow

    with mlflow.start_run() as run:
        mlflow.log_param("rows", open(data.path).read())
        mlflow.log_text("weights", "model/weights.txt")
    client = mlflow.MlflowClient()
    client.create_registered_model(name)
    return client.create_model_version(name, f"runs:/{run.info.run_id}/model", run.info.run_id).version


@dsl.pipeline(name="trains")
def trains(service: str, name: str):
    built = builds_a_set(service=service).set_caching_options(False)
    registers_a_model(data=built.outputs["out"], name=name).set_caching_options(False)


@dsl.component
def prints_without_end():
    while True:
        print("x" * 100_000)


@dsl.pipeline(name="loud")
def loud():
    prints_without_end()


@dsl.container_component
def container():
    return dsl.ContainerSpec(image="alpine", command=["echo", "hello"])


@dsl.pipeline(name="with-a-container")
def with_container():
    container()


@dsl.pipeline(name="greedy")
def greedy():
    add(a=1, b=1).set_memory_limit("9000G")


@dsl.component(packages_to_install=["no-such-package-of-atrium==99.99"])
def unresolvable():
    pass


@dsl.pipeline(name="unresolvable")
def no_packages():
    unresolvable()
