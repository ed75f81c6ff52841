"""The walk with the unmodified kfp client: pipelines, runs, waits, refusals, against ATRIUM_URL."""

import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")

import kfp  # noqa: E402 - it warns while it is imported.
import kfp_server_api  # noqa: E402
import pipelines as p  # noqa: E402
from kfp import compiler  # noqa: E402

URL = os.environ["ATRIUM_URL"]
TOKEN = os.environ["ATRIUM_TOKEN"]
API = f"{URL}/api/atrium/v1"
WAIT_S = 180  # The first step waits for an environment to be built.

client = kfp.Client(host=URL, existing_token=TOKEN)
folder = Path(tempfile.mkdtemp())
checks: list[Callable[[], None]] = []


def check(body: Callable[[], None]) -> Callable[[], None]:
    checks.append(body)
    return body


def equal(got: Any, expected: Any) -> None:
    if got != expected:
        raise AssertionError(f"expected {expected!r}\n      got      {got!r}")


def holds(text: str, words: str) -> None:
    if words not in text:
        raise AssertionError(f"expected {words!r} in {text!r}")


def refused(status: int, body: Callable[[], Any], words: str) -> None:
    try:
        body()
    except kfp_server_api.ApiException as raised:
        equal(raised.status, status)
        holds(json.loads(raised.body)["error"], words)
        return
    raise AssertionError(f"expected a refusal with {status}")


def compiled(pipeline: Any) -> str:
    path = str(folder / f"{pipeline.name}.yaml")
    compiler.Compiler().compile(pipeline, path)
    return path


def started(pipeline: Any, **arguments: Any) -> str:
    return client.create_run_from_pipeline_func(pipeline, arguments=arguments).run_id


def ended(run_id: str) -> Any:
    return client.wait_for_run_completion(run_id, timeout=WAIT_S, sleep_duration=0.2)


def ran(pipeline: Any, **arguments: Any) -> str:
    run_id = started(pipeline, **arguments)
    run = ended(run_id)
    if run.state != "SUCCEEDED":
        raise AssertionError(f"{run.state}: {run.error} {[(s['path'], s.get('reason')) for s in steps(run_id)]}")
    return run_id


def ask(path: str, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{API}{path}", data, headers, method=method)) as answer:
        return json.load(answer)


def steps(run_id: str) -> list[dict[str, Any]]:
    return ask(f"/pipeline-runs/{run_id}")["steps"]


def step(run_id: str, path: str) -> dict[str, Any]:
    return next(one for one in steps(run_id) if one["path"] == path)


def outputs(run_id: str, path: str) -> dict[str, Any]:
    return step(run_id, path)["outputs"]["parameters"]


def tasks(run_id: str) -> dict[str, str]:
    return {task.display_name: task.state for task in client.get_run(run_id).run_details.task_details}


@check
def a_function_runs_from_the_client_and_its_wait_ends() -> None:
    run_id = ran(p.sums, a=5)
    equal(outputs(run_id, "add-2"), {"Output": 17})
    equal(tasks(run_id)["add"] in ("SUCCEEDED", "SKIPPED"), True)
    equal(client.get_run(run_id).runtime_config.parameters, {"a": 5, "b": 2})


@check
def values_of_every_type_go_in_and_out() -> None:
    run_id = ran(p.every_type, items=[1, "x"], mapping={"a": {"b": [None]}})
    said = {"line": "hi nothing", "half": 0.25, "turned": False, "doubled": [1, "x", 1, "x"], "keys": {"a": "a"}}
    equal(outputs(run_id, "describe"), said)


@check
def files_folders_and_metadata_reach_the_next_step() -> None:
    run_id = ran(p.files, text="some text")
    equal(outputs(run_id, "read-file"), {"Output": "some text, 1, ['one.txt', 'two.txt'], 0.5"})
    equal(outputs(run_id, "write-path"), {"out": "some text", "count": 9})
    written = step(run_id, "write-file")["outputs"]["artifacts"]
    equal(written["data"][0]["metadata"], {"rows": 1})
    equal(written["data"][0]["type"], "system.Dataset")
    listed = ask(f"/artifacts?path={written['folder'][0]['path']}")["items"]
    equal([item["name"] for item in listed], ["one.txt", "two.txt"])


@check
def the_branch_whose_condition_holds_is_taken() -> None:
    taken = [outputs(ran(p.branches, a=a), "told-4")["Output"] for a in (1, 9, 3)]
    equal(taken, ["one", "many", "other"])


@check
def loops_over_what_a_step_made_are_collected_in_order() -> None:
    run_id = ran(p.loops, upto=5)
    equal(outputs(run_id, "total"), {"Output": 30})
    equal(outputs(run_id, "for-loop-3/1/add"), {"Output": 7})
    equal(len([one for one in steps(run_id) if one["kind"] == "iteration"]), 7)
    equal(outputs(ran(p.loops, upto=0), "total"), {"Output": 0})


@check
def an_exit_task_runs_after_a_failure_and_hears_of_it() -> None:
    run_id = started(p.exits, message="bad luck")
    run = ended(run_id)
    equal(run.state, "FAILED")
    holds(run.error.message, "fail")
    states = tasks(run_id)
    equal([states["fail"], states["told"], states["told-2"]], ["FAILED", "SKIPPED", "SUCCEEDED"])
    holds(outputs(run_id, "status-of")["Output"], "FAILED: ")


@check
def why_a_step_failed_is_said_and_stands_in_its_log() -> None:
    run_id = started(p.exits, message="a very own sentence")
    ended(run_id)
    failed = step(run_id, "exit-handler-1/fail")
    holds(failed["reason"], "a very own sentence")
    text = ask(f"/jobs/{failed['jobId']}/log")["text"]
    holds(text, "Traceback")
    holds(text, "ValueError: a very own sentence")


@check
def a_step_is_tried_again_by_its_policy() -> None:
    run_id = started(p.retried)
    equal(ended(run_id).state, "FAILED")
    equal(step(run_id, "fail")["attempt"], 3)


@check
def a_failed_run_goes_on_where_it_failed_when_it_is_retried() -> None:
    name = f"made-{time.time_ns()}"
    run_id = started(p.waits, url=URL, token=TOKEN, experiment=name)
    equal(ended(run_id).state, "FAILED")
    before = step(run_id, "told")
    client.create_experiment(name)
    client._run_api.run_service_retry_run(run_id=run_id)
    equal(ended(run_id).state, "SUCCEEDED")
    equal(step(run_id, "told")["jobId"], before["jobId"])
    equal(step(run_id, "pass-when-told")["attempt"], 2)
    refused(409, lambda: client._run_api.run_service_retry_run(run_id=run_id), "succeeded")


@check
def a_terminated_run_ends_the_wait_and_its_processes() -> None:
    run_id = started(p.long)
    deadline = time.time() + WAIT_S
    while tasks(run_id)["sleep"] != "RUNNING" and time.time() < deadline:
        time.sleep(0.1)
    before = time.time()
    client.terminate_run(run_id)
    run = ended(run_id)
    if time.time() - before > 30:
        raise AssertionError("it went on sleeping")
    equal(run.state, "FAILED")
    equal(run.state_history[-1].state, "CANCELED")
    holds(run.error.message, "cancelled the run")
    equal([tasks(run_id)[name] for name in ("sleep", "told")], ["CANCELED", "CANCELED"])
    job = ask(f"/jobs/{step(run_id, 'sleep')['jobId']}")
    equal(job["state"], "cancelled")
    refused(409, lambda: client.terminate_run(run_id), "nothing to cancel")


@check
def outputs_are_taken_from_an_earlier_run_unless_they_may_not() -> None:
    text = f"text {time.time_ns()}"
    first = ran(p.files, text=text)
    second = ran(p.files, text=text)
    equal({one["state"] for one in steps(first)}, {"succeeded"})
    equal({one["state"] for one in steps(second)}, {"cached"})
    equal(set(tasks(second).values()), {"SUCCEEDED", "SKIPPED"})
    equal(outputs(second, "read-file"), outputs(first, "read-file"))
    equal(step(second, "write-file")["cachedFrom"], {"runId": first, "path": "write-file"})
    fresh = client.create_run_from_pipeline_func(p.files, arguments={"text": text}, enable_caching=False).run_id
    ended(fresh)
    equal({one["state"] for one in steps(fresh)}, {"succeeded"})


@check
def pipelines_in_pipelines_importers_and_placeholders() -> None:
    run_id = ran(p.nested, a=3)
    equal(outputs(run_id, "inside-2"), {"Output": 5})
    name = client.get_run(run_id).display_name
    equal(outputs(run_id, "told"), {"Output": f"3-{name}"})
    imported = step(run_id, "importer")["outputs"]["artifacts"]["artifact"][0]
    equal([imported["uri"], imported["metadata"]], ["gs://bucket/data", {"k": "v"}])


@check
def what_a_step_logs_lies_in_the_runs_experiment_and_is_linked() -> None:
    name = f"tracked {time.time_ns()}"
    run_id = client.create_run_from_pipeline_func(p.tracked, experiment_name=name).run_id
    run = ended(run_id)
    equal(run.state, "SUCCEEDED")
    logged = outputs(run_id, "logs-a-run")["Output"]
    found = ask(f"/runs/{logged}")
    equal([found["experimentId"], found["params"]], [run.experiment_id, {"x": "1.5"}])
    equal(found["tags"]["atrium.pipelineRun"], run_id)
    edges = ask(f"/lineage?type=run&id={logged}&direction=up")["edges"]
    above = [
        {"type": "pipeline-step", "id": f"{run_id}/logs-a-run"},
        {"type": "job", "id": step(run_id, "logs-a-run")["jobId"]},
    ]
    equal([edge["from"] for edge in edges if edge["to"] == {"type": "run", "id": logged}], above)


@check
def one_walk_backward_from_a_model_reaches_all_that_it_came_from() -> None:
    stamp = str(time.time_ns())
    ask("/datasets", "POST", {"name": "lineage-trips"})
    upload = f"{API}/datasets/lineage-trips/versions/upload?format=csv"
    rows = b"driver,at,fare\n1,2026-01-01 00:00:00,10\n1,2026-01-02 00:00:00,20\n"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/octet-stream"}
    urllib.request.urlopen(urllib.request.Request(upload, rows, headers, method="POST")).close()
    deadline = time.time() + WAIT_S
    while ask("/datasets/lineage-trips/versions/1")["state"] == "pending" and time.time() < deadline:
        time.sleep(0.1)
    ask("/features/entities", "POST", {"name": "driver", "joinKeys": [{"name": "driver", "type": "int64"}]})
    source = {"dataset": "lineage-trips", "timestampColumn": "at"}
    features = [{"name": "fare", "type": "float64"}]
    view = {"name": "fares", "entities": ["driver"], "source": source, "features": features}
    ask("/features/views", "POST", view)
    ask("/features/services", "POST", {"name": "ranking", "views": [{"view": "fares"}]})
    commit = "0123456789abcdef0123456789abcdef01234567"
    spec = Path(compiled(p.trains)).read_text()
    code = f"https://git.example/team/repository/blob/{commit}/trains.py"
    made = ask("/pipelines", "POST", {"name": f"trains {stamp}", "spec": spec, "codeSource": code})
    run = client.run_pipeline(
        client.create_experiment("Default").experiment_id,
        "trains",
        pipeline_id=made["pipeline"]["id"],
        version_id=made["version"]["id"],
        params={"service": "ranking", "name": f"model-{stamp}"},
    )
    done = ended(run.run_id)
    if done.state != "SUCCEEDED":
        raise AssertionError([(s["path"], s.get("reason")) for s in steps(run.run_id)])
    edges = ask(f"/lineage?type=model-version&id=model-{stamp}&version=1&direction=up&depthMax=12")["edges"]
    reached = {(end["type"], end["id"], end.get("version")) for edge in edges for end in (edge["from"], edge["to"])}
    jobs = [step(run.run_id, path)["jobId"] for path in ("builds-a-set", "registers-a-model")]
    for thing in [
        ("pipeline-step", f"{run.run_id}/registers-a-model", None),
        ("pipeline-step", f"{run.run_id}/builds-a-set", None),
        ("job", jobs[0], None),
        ("job", jobs[1], None),
        ("pipeline-run", run.run_id, None),
        ("pipeline-version", made["pipeline"]["id"], made["version"]["id"]),
        ("commit", commit, None),
        ("training-set", "ranking", str(outputs(run.run_id, "builds-a-set")["Output"])),
        ("dataset", "lineage-trips", "1"),
    ]:
        if thing not in reached:
            raise AssertionError(f"{thing} is not among {sorted(map(str, reached))}")


@check
def a_step_that_prints_without_end_is_stopped_and_says_why() -> None:
    run_id = started(p.loud)
    equal(ended(run_id).state, "FAILED")
    holds(step(run_id, "prints-without-end")["reason"], "It wrote more than it may")


@check
def a_step_that_never_ends_is_ended_by_its_deadline() -> None:
    path = Path(compiled(p.long))
    executors = "{exec-sleep: {activeDeadlineSeconds: '3'}}"
    path.write_text(f"{path.read_text()}---\nplatforms: {{kubernetes: {{deploymentSpec: {{executors: {executors}}}}}}}\n")
    run_id = client.create_run_from_pipeline_package(str(path), arguments={"seconds": 86_400}).run_id
    equal(ended(run_id).state, "FAILED")
    holds(step(run_id, "sleep")["reason"], "limit of 3 seconds")


@check
def a_pipeline_is_uploaded_listed_run_and_deleted() -> None:
    name = f"uploaded {time.time_ns()}"
    path = compiled(p.sums)
    made = client.upload_pipeline(path, pipeline_name=name, description="adds")
    equal([made.display_name, made.description], [name, "adds"])
    equal(client.get_pipeline_id(name), made.pipeline_id)
    refused(409, lambda: client.upload_pipeline(path, pipeline_name=name), "taken")
    version = client.upload_pipeline_version(path, "second", pipeline_name=name)
    versions = client.list_pipeline_versions(made.pipeline_id).pipeline_versions
    equal([one.display_name for one in versions], ["second", name])
    spec = client.get_pipeline_version(made.pipeline_id, version.pipeline_version_id).pipeline_spec
    equal(spec["pipelineInfo"]["name"], "sum")
    experiment = client.create_experiment("Default")
    run = client.run_pipeline(
        experiment.experiment_id,
        "by reference",
        pipeline_id=made.pipeline_id,
        version_id=version.pipeline_version_id,
        params={"a": 1},
    )
    equal(ended(run.run_id).state, "SUCCEEDED")
    equal(run.pipeline_version_reference.pipeline_version_id, version.pipeline_version_id)
    client.delete_pipeline_version(made.pipeline_id, version.pipeline_version_id)
    refused(
        404,
        lambda: client.get_pipeline_version(made.pipeline_id, version.pipeline_version_id),
        "no version",
    )
    client.delete_pipeline(made.pipeline_id)
    equal(client.get_pipeline_id(name), None)
    equal(client.get_run(run.run_id).state, "SUCCEEDED")


@check
def pipelines_and_runs_are_listed_by_page_filter_and_order() -> None:
    stamp = str(time.time_ns())
    path = compiled(p.sums)
    for number in range(3):
        client.upload_pipeline(path, pipeline_name=f"list {stamp} {number}")
    where = {"operation": "IS_SUBSTRING", "key": "name", "stringValue": stamp}
    asked = {"page_size": 2, "sort_by": "name", "filter": json.dumps({"predicates": [where]})}
    page = client.list_pipelines(**asked)
    rest = client.list_pipelines(**asked, page_token=page.next_page_token)
    names = [one.display_name for one in [*page.pipelines, *rest.pipelines]]
    equal(names, [f"list {stamp} {number}" for number in range(3)])
    equal(rest.next_page_token or "", "")

    experiment = client.create_experiment(f"experiment {stamp}", description="of the walk")
    equal(client.get_experiment(experiment_name=experiment.display_name).description, "of the walk")
    ids = []
    for number in range(3):
        ids.append(
            client.create_run_from_pipeline_func(
                p.sums, arguments={"a": 5}, run_name=f"run {number}", experiment_name=experiment.display_name
            ).run_id
        )
    for run_id in ids:
        equal(ended(run_id).state, "SUCCEEDED")
    here = {"experiment_id": experiment.experiment_id}
    page = client.list_runs(**here, page_size=2, sort_by="created_at desc")
    equal([run.run_id for run in page.runs], [ids[2], ids[1]])
    rest = client.list_runs(**here, page_size=2, sort_by="created_at desc", page_token=page.next_page_token)
    equal([run.run_id for run in rest.runs], [ids[0]])
    done = {"operation": "EQUALS", "key": "state", "string_value": "SUCCEEDED"}
    equal(len(client.list_runs(**here, filter=json.dumps({"predicates": [done]})).runs), 3)
    client.archive_run(ids[0])
    kept = {"operation": 1, "key": "storage_state", "stringValue": "AVAILABLE"}
    available = client.list_runs(**here, filter=json.dumps({"predicates": [kept]})).runs
    equal({run.run_id for run in available}, {ids[1], ids[2]})
    client.unarchive_run(ids[0])
    equal(client.get_run(ids[0]).storage_state, "AVAILABLE")
    client.delete_run(ids[0])
    refused(404, lambda: client.get_run(ids[0]), "no pipeline run")
    refused(400, lambda: client.list_runs(sort_by="colour"), "sort")
    refused(400, lambda: client.list_runs(filter="{"), "not JSON")
    refused(400, lambda: client.list_runs(page_token="bm9uZQ"), "page token")


@check
def what_cannot_run_here_is_refused_with_its_place() -> None:
    refused(400, lambda: started(p.with_container), "deploymentSpec.executors.exec-container.container.command")
    refused(400, lambda: started(p.greedy), "components.comp-add: The job asks for")
    text = Path(compiled(p.sums)).read_text()
    wrong = folder / "wrong.yaml"
    for before, after, words in [
        ("comp-add-2\n", "comp-nowhere\n", "root.dag.tasks.add-2.componentRef.name"),
        ("producerTask: add\n", "producerTask: sub\n", "root.dag.tasks.add-2"),
        ("parameterType: NUMBER_INTEGER", "parameterType: COLOUR", "parameterType"),
        ("schemaVersion: 2.1.0", "schemaVersion: 1.0.0", "schemaVersion"),
        ("sdkVersion:", "sdkVersionOf:", "sdkVersionOf"),
        ("root:", "root: [", "not YAML"),
    ]:
        wrong.write_text(text.replace(before, after))
        refused(400, lambda: client.pipeline_uploads.upload_pipeline(str(wrong), name="wrong"), words)


@check
def parameters_are_checked_before_the_run() -> None:
    refused(400, lambda: started(p.sums), "needs the parameter a")
    refused(400, lambda: started(p.sums, a="three"), "a is a whole number")
    refused(400, lambda: started(p.sums, a=1, c=1), "has no parameter c")


@check
def packages_that_do_not_exist_fail_the_step_in_the_resolvers_words() -> None:
    run_id = started(p.no_packages)
    equal(ended(run_id).state, "FAILED")
    holds(step(run_id, "unresolvable")["reason"], "no-such-package-of-atrium")


@check
def schedules_are_refused_and_a_wrong_token_too() -> None:
    experiment = client.create_experiment("Default")
    refused(
        400,
        lambda: client.create_recurring_run(
            experiment.experiment_id, "nightly", cron_expression="0 0 9 * * *", pipeline_package_path=compiled(p.sums)
        ),
        "schedule",
    )
    stranger = kfp.Client(host=URL, existing_token="x" * 40)
    refused(401, stranger.list_pipelines, "")


@check
def the_samples_source_compiles_to_the_pipeline_kept_beside_it() -> None:
    sample = Path(__file__).parents[2] / "samples" / "flights"
    made = folder / "sample.yaml"
    subprocess.run([sys.executable, "-B", sample / "pipeline.py", made], check=True, capture_output=True)
    equal(made.read_text(), (sample / "pipeline.yaml").read_text())


def main() -> int:
    passed = failed = 0
    for body in checks:
        if len(sys.argv) > 1 and not any(word in body.__name__ for word in sys.argv[1:]):
            continue
        sentence = body.__name__.replace("_", " ")
        try:
            with open(os.devnull, "w") as silence:
                out, sys.stdout = sys.stdout, silence
                try:
                    body()
                finally:
                    sys.stdout = out
            passed += 1
            print(f"  ok   {sentence}")
        except Exception as thrown:  # noqa: BLE001 - whatever it is, it is what the check found.
            failed += 1
            where = traceback.extract_tb(thrown.__traceback__)[-1]
            print(f"  FAIL {sentence}\n      {type(thrown).__name__}: {thrown} ({where.filename}:{where.lineno})")
        sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
