"""Artifacts: log, list, download, delete."""

import hashlib
import json

import mlflow
import numpy
import pandas
from mlflow.artifacts import download_artifacts, list_artifacts
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from .here import ARTIFACTS, Here
from .runner import check, equal, holds

MEBIBYTE = 2**20


def paths(here: Here, run_id: str, path: str | None = None) -> list[str]:
    return [each.path for each in here.client.list_artifacts(run_id, path)]


def below(run) -> str:
    return f"{ARTIFACTS}/{run.info.experiment_id}/{run.info.run_id}/artifacts"


@check
def a_file_comes_back_as_it_went(here: Here) -> None:
    mlflow.set_experiment(here.name())
    file = here.folder() / "notes.txt"
    file.write_bytes(b"line\r\nline \xff\x00")
    with mlflow.start_run() as run:
        mlflow.log_artifact(file)
        mlflow.log_artifact(file, artifact_path="deep/er")
    for path in ("notes.txt", "deep/er/notes.txt"):
        got = download_artifacts(run_id=run.info.run_id, artifact_path=path, dst_path=here.folder())
        with open(got, "rb") as copy:
            equal(copy.read(), b"line\r\nline \xff\x00", of=path)


@check
def a_folder_comes_back_with_all_below_it(here: Here) -> None:
    mlflow.set_experiment(here.name())
    folder = here.folder()
    given = {"a.txt": b"a", "sub/b.bin": b"\x00\x01", "sub/deep/c": b"", "sp ace/é 100% ☃.txt": b"u"}
    for path, content in given.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    with mlflow.start_run() as run:
        mlflow.log_artifacts(folder, artifact_path="data")
    got = here.folder()
    download_artifacts(artifact_uri=f"runs:/{run.info.run_id}/data", dst_path=got)
    back = {
        str(each.relative_to(got / "data")): each.read_bytes()
        for each in (got / "data").rglob("*")
        if each.is_file()
    }
    equal(back, given)


@check
def lists_go_one_level_deep(here: Here) -> None:
    run_id = here.run().info.run_id
    for path in ("top.txt", "a/one.txt", "a/b/two.txt"):
        here.client.log_text(run_id, "text", path)
    equal(paths(here, run_id), ["a", "top.txt"])
    equal(paths(here, run_id, "a"), ["a/b", "a/one.txt"])
    equal(paths(here, run_id, "a/b"), ["a/b/two.txt"])


@check
def a_listed_file_has_a_size_and_a_folder_has_none(here: Here) -> None:
    run_id = here.run().info.run_id
    here.client.log_text(run_id, "12345", "a.txt")
    here.client.log_text(run_id, "1", "folder/b.txt")
    listed = [(each.path, each.is_dir, each.file_size) for each in here.client.list_artifacts(run_id)]
    equal(listed, [("a.txt", False, 5), ("folder", True, None)])


@check
def a_list_of_nothing_or_of_a_file_is_empty(here: Here) -> None:
    run_id = here.run().info.run_id
    equal(paths(here, run_id), [])
    here.client.log_text(run_id, "text", "a.txt")
    equal(paths(here, run_id, "nowhere"), [])
    run = here.client.get_run(run_id)
    path = f"{run.info.experiment_id}/{run_id}/artifacts/a.txt"
    equal(here.send("GET", ARTIFACTS, params={"path": path}).body, {})


@check
def a_new_file_takes_the_place_of_the_old_one(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "first, and longer", "a.txt")
    here.client.log_text(run.info.run_id, "second", "a.txt")
    equal(mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a.txt"), "second")


@check
def dictionaries_texts_and_tables_are_logged(here: Here) -> None:
    mlflow.set_experiment(here.name())
    with mlflow.start_run() as run:
        mlflow.log_dict({"é": [1, None]}, "conf/a.json")
        mlflow.log_dict({"b": 2}, "conf/b.yaml")
        mlflow.log_text("<b>bold</b>", "page.html")
        mlflow.log_table({"q": ["one"], "n": [1]}, artifact_file="table.json")
        mlflow.log_table(pandas.DataFrame({"q": ["two"], "n": [2]}), artifact_file="table.json")
    uri = run.info.artifact_uri
    equal(mlflow.artifacts.load_dict(f"{uri}/conf/a.json"), {"é": [1, None]})
    equal(mlflow.artifacts.load_text(f"{uri}/conf/b.yaml").strip(), "b: 2")
    equal(mlflow.artifacts.load_text(f"{uri}/page.html"), "<b>bold</b>")
    equal(mlflow.load_table("table.json", run_ids=[run.info.run_id])["q"].tolist(), ["one", "two"])


@check
def images_and_figures_are_logged(here: Here) -> None:
    import matplotlib.figure

    mlflow.set_experiment(here.name())
    picture = numpy.zeros((4, 6, 3), dtype=numpy.uint8)
    picture[1, 2] = 255
    with mlflow.start_run() as run:
        mlflow.log_image(picture, "picture.png")
        mlflow.log_image(picture, key="seen", step=3)
        figure = matplotlib.figure.Figure()
        figure.subplots().plot([1, 2])
        mlflow.log_figure(figure, "plots/line.png")
    back = mlflow.artifacts.load_image(f"{run.info.artifact_uri}/picture.png")
    equal((back.size, back.getpixel((2, 1))), ((6, 4), (255, 255, 255)))
    equal(paths(here, run.info.run_id, "plots"), ["plots/line.png"])
    steps = [path for path in paths(here, run.info.run_id, "images") if "seen" in path and "step" in path]
    equal(len(steps), 2, of="an image with a step, and its small copy")


@check
def an_empty_file_is_kept(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "", "empty.txt")
    equal(mlflow.artifacts.load_text(f"{run.info.artifact_uri}/empty.txt"), "")
    equal(paths(here, run.info.run_id), ["empty.txt"])


@check
def twenty_megabytes_go_and_come_whole(here: Here) -> None:
    run = here.run()
    file = here.folder() / "big.bin"
    content = numpy.random.default_rng(1).bytes(20 * MEBIBYTE + 7)
    file.write_bytes(content)
    here.client.log_artifact(run.info.run_id, str(file))
    got = here.client.download_artifacts(run.info.run_id, "big.bin", str(here.folder()))
    with open(got, "rb") as copy:
        equal(hashlib.sha256(copy.read()).hexdigest(), hashlib.sha256(content).hexdigest(), of="digest")
    (listed,) = here.client.list_artifacts(run.info.run_id)
    equal(listed.file_size, len(content))


@check
def a_part_of_a_file_can_be_asked_for(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "0123456789", "a.txt")
    answer = here.send("GET", f"{below(run)}/a.txt", headers={"Range": "bytes=2-4"})
    equal((answer.status, answer.content), (206, b"234"))
    equal(answer.headers.get("content-range", answer.headers.get("Content-Range")), "bytes 2-4/10")


@check
def a_download_is_never_shown_as_a_page(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "<script>1</script>", "page.html")
    headers = {
        key.lower(): value for key, value in here.send("GET", f"{below(run)}/page.html").headers.items()
    }
    holds(
        headers["content-disposition"].startswith("attachment"),
        f"disposition {headers['content-disposition']}",
    )
    equal(headers["x-content-type-options"], "nosniff")
    holds(headers["content-type"].startswith("text/html"), f"type {headers['content-type']}")


@check
def a_missing_file_is_404(here: Here) -> None:
    run = here.run()
    answer = here.send("GET", f"{below(run)}/nope.txt")
    equal((answer.status, answer.body["error_code"]), (404, "RESOURCE_DOES_NOT_EXIST"))


@check
def a_folder_cannot_be_fetched_as_a_file(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "x", "folder/a.txt")
    holds(here.send("GET", f"{below(run)}/folder").status in (400, 404), "400 or 404")


@check
def the_repository_deletes_files_and_folders(here: Here) -> None:
    run = here.run()
    for path in ("a.txt", "folder/b.txt", "folder/c/d.txt", "kept.txt"):
        here.client.log_text(run.info.run_id, "x", path)
    repository = get_artifact_repository(run.info.artifact_uri)
    repository.delete_artifacts("a.txt")
    repository.delete_artifacts("folder")
    equal(paths(here, run.info.run_id), ["kept.txt"])


@check
def deleting_what_is_not_there_is_no_error(here: Here) -> None:
    run = here.run()
    equal(here.send("DELETE", f"{below(run)}/nope.txt").status, 200)


@check
def list_artifacts_of_the_fluent_api_takes_addresses(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "x", "folder/a.txt")
    equal([each.path for each in list_artifacts(f"runs:/{run.info.run_id}/folder")], ["folder/a.txt"])
    equal(
        [each.path for each in list_artifacts(run_id=run.info.run_id, artifact_path="folder")],
        ["folder/a.txt"],
    )


@check
def the_server_lists_by_run_too(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "x", "folder/a.txt")
    answer = here.get("artifacts/list", run_id=run.info.run_id, path="folder")
    equal(answer.body["root_uri"], run.info.artifact_uri)
    equal(answer.body["files"], [{"path": "folder/a.txt", "is_dir": False, "file_size": 1}])


@check
def a_file_can_be_fetched_by_run_and_path(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, "by run", "a.txt")
    answer = here.send("GET", "/get-artifact", params={"run_id": run.info.run_id, "path": "a.txt"})
    equal((answer.status, answer.content), (200, b"by run"))


@check
def multipart_upload_is_declined_so_that_the_client_sends_whole_files(here: Here) -> None:
    run = here.run()
    path = f"{run.info.experiment_id}/{run.info.run_id}/artifacts/x"
    answer = here.send(
        "POST", f"/api/2.0/mlflow-artifacts/mpu/create/{path}", json={"path": "x", "num_parts": 2}
    )
    equal((answer.status, answer.body["error_code"]), (501, "NOT_IMPLEMENTED"))
    holds(answer.body["message"].startswith("Multipart upload is not supported"), answer.body["message"])


@check
def artifacts_outlive_the_deletion_of_their_run(here: Here) -> None:
    run = here.run()
    here.client.log_text(run.info.run_id, json.dumps({"kept": True}), "a.json")
    here.client.delete_run(run.info.run_id)
    here.client.restore_run(run.info.run_id)
    equal(mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/a.json"), {"kept": True})
