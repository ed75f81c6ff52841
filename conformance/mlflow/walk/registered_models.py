"""Registered models: create, find, rename, describe, tag, delete."""

from .here import API, DOCS, Here
from .runner import check, check_each, equal, holds, refused, same_text


def model(here: Here, **given) -> str:
    return here.client.create_registered_model(here.name("model"), **given).name


@check
def a_new_one_has_name_tags_and_description(here: Here) -> None:
    name = here.name("forêt")
    made = here.client.create_registered_model(name, tags={"t": "1"}, description="words ☃")
    equal((made.name, made.tags, made.description), (name, {"t": "1"}, "words ☃"))
    shown = here.client.get_registered_model(name)
    equal((shown.tags, shown.description, shown.latest_versions), ({"t": "1"}, "words ☃", []))
    holds(shown.creation_timestamp == shown.last_updated_timestamp > 0, "times")


@check
def create_leaves_out_what_is_empty(here: Here) -> None:
    made = here.post("registered-models/create", {"name": here.name()}).body["registered_model"]
    equal(set(made), {"name", "creation_timestamp", "last_updated_timestamp"})


@check
def a_name_is_taken_once(here: Here) -> None:
    name = model(here)
    with refused("RESOURCE_ALREADY_EXISTS", f"Registered Model (name={name}) already exists.…"):
        here.client.create_registered_model(name)


@check_each(
    ("a/b", "Invalid model name 'a/b'. Names cannot contain '/' or ':'.…"),
    ("a:b", "Invalid model name 'a:b'. Names cannot contain '/' or ':'.…"),
    ("", f"Missing value for required parameter 'name'.{DOCS}"),
    (" ", "Missing value for required parameter 'name'.…"),
    ("..", "Invalid value \"..\" for parameter 'name' supplied: …"),
)
def a_name_is_refused(here: Here, name: str, message: str) -> None:
    answer = here.post("registered-models/create", {"name": name})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], message, of="message")


@check
def an_unknown_name_is_refused_everywhere(here: Here) -> None:
    message = "Registered Model with name=nowhere not found"
    for attempt in (
        lambda: here.client.get_registered_model("nowhere"),
        lambda: here.client.rename_registered_model("nowhere", "x"),
        lambda: here.client.update_registered_model("nowhere", description="x"),
        lambda: here.client.delete_registered_model("nowhere"),
        lambda: here.client.set_registered_model_tag("nowhere", "a", "b"),
        lambda: here.client.delete_registered_model_tag("nowhere", "a"),
        lambda: here.client.get_latest_versions("nowhere"),
    ):
        with refused("RESOURCE_DOES_NOT_EXIST", message):
            attempt()


@check
def a_description_can_change_and_be_emptied(here: Here) -> None:
    name = model(here, description="first")
    before = here.client.get_registered_model(name)
    here.client.update_registered_model(name, description="second")
    shown = here.client.get_registered_model(name)
    equal(shown.description, "second")
    holds(shown.last_updated_timestamp >= before.last_updated_timestamp, "the update time moves")
    here.client.update_registered_model(name, description="")
    equal(here.client.get_registered_model(name).description or None, None)


@check
def tags_are_set_overwritten_and_deleted(here: Here) -> None:
    name = model(here)
    here.client.set_registered_model_tag(name, "a", "1")
    here.client.set_registered_model_tag(name, "a", "2")
    here.client.set_registered_model_tag(name, "b", "v" * 100_000)
    tags = here.client.get_registered_model(name).tags
    equal((tags["a"], len(tags["b"])), ("2", 100_000))
    here.client.delete_registered_model_tag(name, "b")
    here.client.delete_registered_model_tag(name, "b")
    equal(here.client.get_registered_model(name).tags, {"a": "2"})


@check
def a_tag_that_is_too_long_is_refused(here: Here) -> None:
    name = model(here)
    with refused("INVALID_PARAMETER_VALUE", "'value' exceeds the maximum length of 100000 characters"):
        here.client.set_registered_model_tag(name, "a", "v" * 100_001)
    with refused("INVALID_PARAMETER_VALUE", "'key' exceeds the maximum length of 250 characters"):
        here.client.set_registered_model_tag(name, "k" * 251, "v")


@check
def rename_takes_versions_aliases_and_tags_along(here: Here) -> None:
    name, new = model(here, tags={"t": "1"}), here.name("renamed")
    run = here.run()
    here.client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
    here.client.set_registered_model_alias(name, "best", "1")
    here.client.rename_registered_model(name, new)
    shown = here.client.get_registered_model(new)
    equal((shown.tags, shown.aliases), ({"t": "1"}, {"best": "1"}))
    equal(here.client.get_model_version_by_alias(new, "best").name, new)
    with refused("RESOURCE_DOES_NOT_EXIST", f"Registered Model with name={name} not found"):
        here.client.get_registered_model(name)


@check
def rename_onto_a_taken_name_is_refused(here: Here) -> None:
    name, taken = model(here), model(here)
    with refused("RESOURCE_ALREADY_EXISTS", f"Registered Model (name={taken}) already exists.…"):
        here.client.rename_registered_model(name, taken)
    equal(here.client.get_registered_model(name).name, name)


@check
def delete_takes_its_versions_along_and_frees_the_name(here: Here) -> None:
    name = model(here)
    run = here.run()
    here.client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id)
    here.client.delete_registered_model(name)
    with refused("RESOURCE_DOES_NOT_EXIST", f"Model Version (name={name}, version=1) not found"):
        here.client.get_model_version(name, "1")
    here.client.create_registered_model(name)
    equal(here.client.search_model_versions(f"name='{name}'"), [])


def _three(here: Here) -> str:
    def make() -> str:
        stem = here.name("Find")
        for letter, tags in (("b", {"t": "1"}), ("c", {"t": "2"}), ("a", {})):
            here.client.create_registered_model(f"{stem}-{letter}", tags=tags)
        return stem

    return here.once("searched registered models", make)


def found(here: Here, text: str, **options) -> str:
    stem = _three(here)
    page = here.client.search_registered_models(text.format(stem=stem, lower=stem.lower()), **options)
    return "".join(each.name[-1] for each in page)


@check_each(
    ("name = '{stem}-a'", "a"),
    ("name LIKE '{stem}-%'", "abc"),
    ("name LIKE '{lower}-%'", ""),
    ("name ILIKE '{lower}-%'", "abc"),
    ("name LIKE '{stem}-%' AND name != '{stem}-a'", "bc"),
    ("name LIKE '{stem}-%' AND tags.t = '1'", "b"),
    ("name LIKE '{stem}-%' AND tag.t != '1'", "c"),
    ("name LIKE '{stem}-%' AND tags.`t` LIKE '%'", "bc"),
)
def a_search_finds(here: Here, text: str, letters: str) -> None:
    equal(found(here, text), letters)


@check_each(
    (["name DESC"], "cba"),
    (["name ASC"], "abc"),
    (["timestamp ASC"], "bca"),
    (["last_updated_timestamp DESC"], "acb"),
)
def a_search_orders(here: Here, order: list[str], letters: str) -> None:
    equal(found(here, "name LIKE '{stem}-%'", order_by=order), letters)


@check
def pages_show_each_model_once(here: Here) -> None:
    stem, seen, token = _three(here), [], None
    for _ in range(5):
        page = here.client.search_registered_models(f"name LIKE '{stem}-%'", max_results=1, page_token=token)
        seen += [each.name[-1] for each in page]
        token = page.token
        if not token:
            break
    equal(seen, ["a", "b", "c"])


@check_each(
    ({"filter": "name > 'x'"}, "Invalid comparator …"),
    ({"filter": "foo = 'x'"}, "Invalid attribute key 'foo' specified. Valid keys are …"),
    ({"filter": "name = rm"}, "Parameter value is either not quoted or unidentified quote types used for string value rm. Use either single or double quotes."),
    ({"filter": "name = 'a' OR name = 'b'"}, "Invalid clause(s) in filter string: …"),
    ({"filter": "x"}, "Invalid clause(s) in filter string: …"),
    ({"order_by": "foo"}, "Invalid order by key 'foo' specified. Valid keys are …"),
    ({"order_by": "name BAD"}, "Invalid ordering key in order_by clause 'name BAD'.…"),
    ({"page_token": "zz"}, "Invalid page token, could not base64-decode…"),
    ({"max_results": 1001}, "Invalid value …"),
)  # fmt: skip
def a_search_is_refused(here: Here, query: dict, message: str) -> None:
    answer = here.send("GET", f"{API}/registered-models/search", params=query)
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], message, of="message")
