"""Versions of registered models: create, describe, tag, find, delete."""

from .here import API, DOCS, Here
from .runner import check, check_each, equal, holds, refused, same_text


def model(here: Here) -> str:
    return here.client.create_registered_model(here.name("model")).name


def version(here: Here, name: str, **given):
    run = here.run()
    return here.client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id, **given)


@check
def versions_count_from_1_and_are_ready_at_once(here: Here) -> None:
    name = model(here)
    made = [version(here, name) for _ in range(3)]
    equal([str(each.version) for each in made], ["1", "2", "3"])
    equal({each.status for each in made}, {"READY"})


@check
def a_version_shows_where_it_comes_from(here: Here) -> None:
    name, run = model(here), here.run()
    source = f"{run.info.artifact_uri}/model"
    here.client.create_model_version(
        name, source, run.info.run_id, tags={"t": "1"}, run_link="http://runs/1", description="words"
    )
    shown = here.client.get_model_version(name, "1")
    equal((shown.name, shown.source, shown.run_id), (name, source, run.info.run_id))
    equal((shown.tags, shown.run_link, shown.description), ({"t": "1"}, "http://runs/1", "words"))
    equal((shown.current_stage, shown.aliases), ("None", []))
    equal(here.client.get_model_version_download_uri(name, "1"), source)


@check
def create_answers_with_the_whole_version(here: Here) -> None:
    name, run = model(here), here.run()
    body = {"name": name, "source": f"{run.info.artifact_uri}/model", "run_id": run.info.run_id}
    made = here.post("model-versions/create", body).body["model_version"]
    equal((made["name"], made["version"], made["status"]), (name, "1", "READY"))
    holds(isinstance(made["creation_timestamp"], int), "times are numbers")


@check
def the_models_own_time_moves_with_a_new_version(here: Here) -> None:
    name = model(here)
    before = here.client.get_registered_model(name).last_updated_timestamp
    made = version(here, name)
    equal(here.client.get_registered_model(name).last_updated_timestamp, made.creation_timestamp)
    holds(made.creation_timestamp >= before, "not earlier")


@check
def a_version_of_an_unknown_model_is_refused(here: Here) -> None:
    run = here.run()
    with refused("RESOURCE_DOES_NOT_EXIST", "Registered Model with name=nowhere not found"):
        here.client.create_model_version("nowhere", f"{run.info.artifact_uri}/model", run.info.run_id)


@check
def an_unknown_version_is_refused_everywhere(here: Here) -> None:
    name = model(here)
    message = f"Model Version (name={name}, version=9) not found"
    for attempt in (
        lambda: here.client.get_model_version(name, "9"),
        lambda: here.client.update_model_version(name, "9", description="x"),
        lambda: here.client.delete_model_version(name, "9"),
        lambda: here.client.set_model_version_tag(name, "9", "a", "b"),
        lambda: here.client.delete_model_version_tag(name, "9", "a"),
        lambda: here.client.get_model_version_download_uri(name, "9"),
        lambda: here.client.set_registered_model_alias(name, "x", "9"),
    ):
        with refused("RESOURCE_DOES_NOT_EXIST", message):
            attempt()


@check_each(
    ("/etc", {}),
    ("file:///etc", {"run": True}),
    ("mlflow-artifacts:/0/../x", {"run": True}),
    ("mlflow-artifacts:/0/other/artifacts", {"run": True}),
    ("OWN/model", {}),
    ("OWN/../other", {"run": True}),
    ("http://example.org/model", {"run": True}),
    ("models:/m-" + "f" * 32, {}),
)
def a_source_outside_its_run_is_refused(here: Here, source: str, given: dict) -> None:
    name, run = model(here), here.run()
    body = {"name": name, "source": source.replace("OWN", run.info.artifact_uri)}
    if given.get("run"):
        body["run_id"] = run.info.run_id
    answer = here.post("model-versions/create", body)
    holds(answer.status in (400, 404), f"400 or 404, got {answer.status} {answer.text}")
    equal(here.client.search_model_versions(f"name='{name}'"), [], of="versions")


@check
def a_source_may_be_another_version(here: Here) -> None:
    name, other = model(here), model(here)
    made = version(here, name)
    here.client.create_model_version(other, f"models:/{name}/1")
    equal(here.client.get_model_version_download_uri(other, "1"), made.source)


@check
def a_description_and_tags_can_change(here: Here) -> None:
    name = model(here)
    version(here, name)
    here.client.update_model_version(name, "1", description="second")
    here.client.set_model_version_tag(name, "1", "a", "1")
    here.client.set_model_version_tag(name, "1", "a", "2 ☃")
    here.client.set_model_version_tag(name, "1", "b", "3")
    here.client.delete_model_version_tag(name, "1", "b")
    here.client.delete_model_version_tag(name, "1", "b")
    shown = here.client.get_model_version(name, "1")
    equal((shown.description, shown.tags), ("second", {"a": "2 ☃"}))


@check
def a_deleted_version_is_gone_and_its_number_is_not_used_again(here: Here) -> None:
    name = model(here)
    version(here, name)
    version(here, name)
    here.client.set_registered_model_alias(name, "best", "2")
    here.client.delete_model_version(name, "2")
    with refused("RESOURCE_DOES_NOT_EXIST", f"Model Version (name={name}, version=2) not found"):
        here.client.get_model_version(name, "2")
    equal(here.client.get_registered_model(name).aliases, {})
    equal(str(version(here, name).version), "3")


@check_each(
    ({"version": "x"}, "Parameter 'version' must be an integer, got 'x'."),
    ({"version": "1.5"}, "Parameter 'version' must be an integer, got '1.5'."),
    ({}, f"Missing value for required parameter 'version'.{DOCS}"),
)
def a_version_is_a_number(here: Here, query: dict, message: str) -> None:
    answer = here.get("model-versions/get", name=model(here), **query)
    equal((answer.status, answer.body.get("message")), (400, message))


def _three(here: Here) -> tuple[str, list]:
    def make() -> tuple[str, list]:
        name = model(here)
        return name, [version(here, name, tags={"n": str(n % 2)}) for n in range(3)]

    return here.once("searched versions", make)


def found(here: Here, text: str, **options) -> str:
    name, made = _three(here)
    text = text.replace("NAME", name).replace("RUN0", made[0].run_id).replace("RUN2", made[2].run_id)
    text = text.replace("SOURCE1", made[1].source)
    return "".join(str(each.version) for each in here.client.search_model_versions(text, **options))


@check_each(
    ("name = 'NAME'", "321"),
    ("name LIKE 'NAM%' AND run_id = 'RUN0'", ""),
    ("run_id = 'RUN0'", "1"),
    ("run_id IN ('RUN0', 'RUN2')", "31"),
    ("source_path = 'SOURCE1'", "2"),
    ("name = 'NAME' AND source_path LIKE 'mlflow-artifacts:%'", "321"),
    ("name = 'NAME' AND version_number > 1", "32"),
    ("name = 'NAME' AND version_number <= 2 AND version_number != 1", "2"),
    ("name = 'NAME' AND tags.n = '0'", "31"),
    ("name = 'NAME' AND tags.n != '0'", "2"),
    ("name = 'none such'", ""),
)
def a_search_finds(here: Here, text: str, versions: str) -> None:
    equal("".join(sorted(found(here, text), reverse=True)), versions)


@check_each(
    (["version_number ASC"], "123"), (["version_number DESC"], "321"), (["creation_timestamp ASC"], "123")
)
def a_search_orders(here: Here, order: list[str], versions: str) -> None:
    equal(found(here, "name = 'NAME'", order_by=order), versions)


@check
def the_newest_change_comes_first(here: Here) -> None:
    name = model(here)
    version(here, name)
    version(here, name)
    here.client.update_model_version(name, "1", description="changed last")
    equal([str(each.version) for each in here.client.search_model_versions(f"name='{name}'")], ["1", "2"])


@check
def pages_show_each_version_once(here: Here) -> None:
    name, _ = _three(here)
    seen, token = [], None
    for _ in range(5):
        page = here.client.search_model_versions(
            f"name='{name}'", max_results=1, order_by=["version_number"], page_token=token
        )
        seen += [str(each.version) for each in page]
        token = page.token
        if not token:
            break
    equal(seen, ["1", "2", "3"])


@check_each(
    ({"filter": "foo = 'x'"}, "Invalid attribute key 'foo' specified. Valid keys are …"),
    ({"filter": "name > 'x'"}, "Invalid comparator …"),
    ({"filter": "run_id IN ()"}, "While parsing a list in the query, expected a non-empty list of string values, but got empty list"),
    ({"max_results": 0}, "Invalid value …"),
    ({"max_results": 200001}, "Invalid value …"),
)  # fmt: skip
def a_search_is_refused(here: Here, query: dict, message: str) -> None:
    answer = here.send("GET", f"{API}/model-versions/search", params=query)
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], message, of="message")
