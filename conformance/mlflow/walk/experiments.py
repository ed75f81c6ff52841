"""Experiments: create, find, rename, tag, delete, restore."""

import mlflow
from mlflow.entities import ViewType

from .here import DOCS, Here
from .runner import check, check_each, equal, holds, refused, same_text

KEY_RULE = "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/)."


def names(experiments) -> list[str]:
    return [each.name for each in experiments]


@check
def the_default_experiment_has_id_0(here: Here) -> None:
    default = here.client.get_experiment("0")
    equal((default.name, default.lifecycle_stage), ("Default", "active"))


@check
def creating_one_gives_a_number_as_text(here: Here) -> None:
    made = here.experiment()
    holds(isinstance(made, str) and made.isdigit() and made != "0", f"digits, got {made!r}")


@check
def create_answers_with_the_id_and_nothing_else(here: Here) -> None:
    answer = here.post("experiments/create", {"name": here.name()})
    equal((answer.status, list(answer.body)), (200, ["experiment_id"]))


@check
def get_shows_name_location_stage_and_times(here: Here) -> None:
    name = here.name()
    made = here.client.get_experiment(here.client.create_experiment(name))
    equal((made.name, made.lifecycle_stage), (name, "active"))
    equal(made.artifact_location, f"mlflow-artifacts:/{made.experiment_id}", of="artifact_location")
    holds(abs(made.creation_time - made.last_update_time) < 1000, "created and updated at one time")


@check
def get_by_name_finds_the_same(here: Here) -> None:
    name = here.name("naïve ünïcode — 実験")
    made = here.client.create_experiment(name)
    equal(here.client.get_experiment_by_name(name).experiment_id, made)


@check
def an_unknown_name_is_none_for_the_client(here: Here) -> None:
    equal(here.client.get_experiment_by_name(here.name("nowhere")), None)


@check
def an_unknown_name_is_refused_with_its_text(here: Here) -> None:
    answer = here.get("experiments/get-by-name", experiment_name="nowhere")
    equal((answer.status, answer.body["error_code"]), (404, "RESOURCE_DOES_NOT_EXIST"))
    equal(answer.body["message"], "Could not find experiment with name 'nowhere'")


@check
def an_unknown_id_is_refused(here: Here) -> None:
    with refused("RESOURCE_DOES_NOT_EXIST", "No Experiment with id=99999999 exists"):
        here.client.get_experiment("99999999")


@check
def an_id_that_is_no_number_is_refused(here: Here) -> None:
    with refused(
        "INVALID_PARAMETER_VALUE", "Invalid experiment ID 'abc'. Experiment ID must be a valid integer."
    ):
        here.client.get_experiment("abc")


@check
def a_name_is_taken_once(here: Here) -> None:
    name = here.name()
    here.client.create_experiment(name)
    with refused("RESOURCE_ALREADY_EXISTS", f"Experiment(name={name}) already exists.…"):
        here.client.create_experiment(name)


@check
def the_name_of_a_deleted_one_stays_taken(here: Here) -> None:
    name = here.name()
    here.client.delete_experiment(here.client.create_experiment(name))
    with refused("RESOURCE_ALREADY_EXISTS", f"Experiment(name={name}) already exists.…"):
        here.client.create_experiment(name)


@check
def a_name_of_500_characters_is_the_longest(here: Here) -> None:
    long = here.name().ljust(500, "x")
    equal(here.client.get_experiment(here.client.create_experiment(long)).name, long)
    with refused("INVALID_PARAMETER_VALUE", "'name' exceeds the maximum length of 500 characters"):
        here.client.create_experiment(here.name().ljust(501, "x"))


@check
def a_missing_name_is_refused(here: Here) -> None:
    for body in ({}, {"name": ""}):
        answer = here.post("experiments/create", body)
        equal((answer.status, answer.body["error_code"]), (400, "INVALID_PARAMETER_VALUE"))
        equal(answer.body["message"], f"Missing value for required parameter 'name'.{DOCS}")


@check
def tags_given_at_creation_are_kept(here: Here) -> None:
    made = here.client.create_experiment(here.name(), tags={"team": "a", "ключ": "hodnota ☃", "empty": ""})
    equal(here.client.get_experiment(made).tags, {"team": "a", "ключ": "hodnota ☃", "empty": ""})


@check
def a_tag_set_again_is_overwritten(here: Here) -> None:
    made = here.experiment()
    here.client.set_experiment_tag(made, "state", "draft")
    here.client.set_experiment_tag(made, "state", "final")
    equal(here.client.get_experiment(made).tags, {"state": "final"})


@check
def a_tag_can_be_deleted(here: Here) -> None:
    made = here.client.create_experiment(here.name(), tags={"a": "1", "b": "2"})
    here.client.delete_experiment_tag(made, "a")
    equal(here.client.get_experiment(made).tags, {"b": "2"})


@check
def deleting_a_tag_that_is_not_there_is_refused(here: Here) -> None:
    made = here.experiment()
    with refused("RESOURCE_DOES_NOT_EXIST", f"No tag with name: a in experiment with id {made}"):
        here.client.delete_experiment_tag(made, "a")


@check
def a_tag_key_follows_the_rules_for_keys(here: Here) -> None:
    made = here.experiment()
    answer = here.post("experiments/set-experiment-tag", {"experiment_id": made, "key": "a$b", "value": "v"})
    equal((answer.status, answer.body["error_code"]), (400, "INVALID_PARAMETER_VALUE"))
    equal(answer.body["message"], f"Invalid value \"a$b\" for parameter 'key' supplied: {KEY_RULE}")
    answer = here.post(
        "experiments/set-experiment-tag", {"experiment_id": made, "key": "k" * 251, "value": "v"}
    )
    holds("exceeds the maximum length of 250 characters" in answer.body["message"], answer.body["message"])


@check
def rename_gives_the_new_name_and_moves_the_update_time(here: Here) -> None:
    made = here.experiment()
    before = here.client.get_experiment(made)
    name = here.name("renamed")
    here.client.rename_experiment(made, name)
    after = here.client.get_experiment(made)
    equal(after.name, name)
    holds(after.last_update_time > before.last_update_time, "last_update_time moves")
    equal(here.client.get_experiment_by_name(before.name), None, of="old name")


@check
def rename_onto_a_taken_name_is_400(here: Here) -> None:
    taken = here.client.get_experiment(here.experiment()).name
    equal(
        here.post("experiments/update", {"experiment_id": here.experiment(), "new_name": taken}).status, 400
    )


@check
def a_deleted_one_is_still_shown_by_id_and_by_name(here: Here) -> None:
    made = here.experiment()
    here.client.delete_experiment(made)
    shown = here.client.get_experiment(made)
    equal(shown.lifecycle_stage, "deleted")
    equal(here.client.get_experiment_by_name(shown.name).lifecycle_stage, "deleted")


@check
def delete_takes_its_runs_along_and_restore_brings_all_of_them_back(here: Here) -> None:
    made = here.experiment()
    kept, dropped = here.client.create_run(made), here.client.create_run(made)
    here.client.delete_run(dropped.info.run_id)
    here.client.delete_experiment(made)
    equal(here.client.get_run(kept.info.run_id).info.lifecycle_stage, "deleted")
    equal(here.client.search_runs([made]), [])
    here.client.restore_experiment(made)
    equal(here.client.get_experiment(made).lifecycle_stage, "active")
    for run in (kept, dropped):
        equal(here.client.get_run(run.info.run_id).info.lifecycle_stage, "active", of="run")


@check
def deleting_twice_or_restoring_an_active_one_is_404(here: Here) -> None:
    made = here.experiment()
    with refused("RESOURCE_DOES_NOT_EXIST", f"No Experiment with id={made} exists"):
        here.client.restore_experiment(made)
    here.client.delete_experiment(made)
    with refused("RESOURCE_DOES_NOT_EXIST", f"No Experiment with id={made} exists"):
        here.client.delete_experiment(made)


@check
def a_deleted_one_takes_no_tags_and_no_runs(here: Here) -> None:
    made = here.experiment()
    here.client.delete_experiment(made)
    message = f"The experiment {made} must be in the 'active' state. Current state is deleted."
    with refused("INVALID_PARAMETER_VALUE", message):
        here.client.set_experiment_tag(made, "a", "b")
    with refused("INVALID_PARAMETER_VALUE", message):
        here.client.create_run(made)


@check
def set_experiment_creates_once_and_then_finds(here: Here) -> None:
    name = here.name()
    first = mlflow.set_experiment(name)
    equal(mlflow.set_experiment(name).experiment_id, first.experiment_id)
    with mlflow.start_run() as run:
        equal(run.info.experiment_id, first.experiment_id)


@check
def set_experiment_refuses_a_deleted_one(here: Here) -> None:
    name = here.name()
    here.client.delete_experiment(here.client.create_experiment(name))
    with refused(
        "INVALID_PARAMETER_VALUE", f"Cannot set a deleted experiment '{name}' as the active experiment.…"
    ):
        mlflow.set_experiment(name)


def _three(here: Here) -> tuple[str, list[str]]:
    """Three experiments in order of creation, and the beginning that their names share."""

    def make() -> tuple[str, list[str]]:
        stem = here.name("Stem")
        tags = ({"team": "red", "n": "1"}, {"team": "Red"}, {})
        made = [
            here.client.create_experiment(f"{stem}-{letter}", tags=tag)
            for letter, tag in zip("bca", tags, strict=True)
        ]
        return stem, made

    return here.once("three experiments", make)


@check_each(
    ("name = '{stem}-a'", "a"),
    ('name = "{stem}-a"', "a"),
    ("attribute.name = '{stem}-b'", "b"),
    ("name LIKE '{stem}-%'", "acb"),
    ("name LIKE '{lower}-%'", ""),
    ("name ILIKE '{lower}-%'", "acb"),
    ("name LIKE '{stem}-%' AND name != '{stem}-a'", "cb"),
    ("name LIKE '{stem}-%' AND tags.team = 'red'", "b"),
    ("name LIKE '{stem}-%' and tag.team ILIKE 'red'", "cb"),
    ("name LIKE '{stem}-%' AND tags.team != 'red'", "c"),
    ("name LIKE '{stem}-%' AND tags.team IS NULL", "a"),
    ("name LIKE '{stem}-%' AND tags.team IS NOT NULL", "cb"),
    ("name LIKE '{stem}-%' AND creation_time > 0", "acb"),
    ("name LIKE '{stem}-%' AND last_update_time < 1000", ""),
)
def search_finds(here: Here, text: str, letters: str) -> None:
    stem, _ = _three(here)
    found = here.client.search_experiments(filter_string=text.format(stem=stem, lower=stem.lower()))
    equal([name[-1] for name in names(found)], list(letters))


@check_each(
    (["name ASC"], "abc"),
    (["name DESC"], "cba"),
    (["creation_time ASC"], "bca"),
    (["last_update_time DESC"], "acb"),
    (["experiment_id"], "bca"),
    (["attribute.name"], "abc"),
)
def search_orders_by(here: Here, order: list[str], letters: str) -> None:
    stem, _ = _three(here)
    found = here.client.search_experiments(filter_string=f"name LIKE '{stem}-%'", order_by=order)
    equal([name[-1] for name in names(found)], list(letters))


@check
def search_pages_show_each_one_once(here: Here) -> None:
    stem, made = _three(here)
    seen: list[str] = []
    token = None
    for _ in range(5):
        page = here.client.search_experiments(
            filter_string=f"name LIKE '{stem}-%'", max_results=1, page_token=token
        )
        seen += [each.experiment_id for each in page]
        token = page.token
        if not token:
            break
    equal(seen, list(reversed(made)))


@check
def search_shows_deleted_ones_only_when_asked(here: Here) -> None:
    stem = here.name("gone")
    for letter in "ab":
        here.client.create_experiment(f"{stem}-{letter}")
    here.client.delete_experiment(here.client.get_experiment_by_name(f"{stem}-b").experiment_id)
    expected = {ViewType.ACTIVE_ONLY: ["a"], ViewType.DELETED_ONLY: ["b"], ViewType.ALL: ["a", "b"]}
    for view, letters in expected.items():
        found = here.client.search_experiments(
            view_type=view, filter_string=f"name LIKE '{stem}-%'", order_by=["name"]
        )
        equal([name[-1] for name in names(found)], letters, of=ViewType.to_string(view))


@check_each(
    ({"max_results": 0}, "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer"),
    ({"max_results": 50001}, "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000"),
    ({"max_results": 5, "page_token": "zzz"}, "Invalid page token, could not base64-decode"),
    ({"max_results": 5, "filter": "name = exp"}, "Parameter value is either not quoted or unidentified quote types used for string value exp. Use either single or double quotes."),
    ({"max_results": 5, "filter": "tags.a = 'a' OR name = 'b'"}, "Invalid clause(s) in filter string: …"),
    ({"max_results": 5, "filter": "foo = 'x'"}, "Invalid attribute key 'foo' specified. Valid keys are …"),
    ({"max_results": 5, "filter": "name > 'x'"}, "Invalid comparator '>' not one of …"),
    ({"max_results": 5, "filter": "creation_time > 'x'"}, "Expected numeric value type for numeric attribute: creation_time. Found 'x'"),
    ({"max_results": 5, "filter": "metrics.x = 1"}, "Invalid entity type 'metrics'. …"),
    ({"max_results": 5, "order_by": ["name SIDE"]}, "Invalid ordering key in order_by clause 'name SIDE'.…"),
    ({"max_results": 5, "order_by": ["foo ASC"]}, "Invalid attribute key 'foo' specified. Valid keys are …"),
    ({"max_results": 5, "order_by": ["tags.x"]}, "Invalid …"),
)  # fmt: skip
def search_refuses(here: Here, body: dict, message: str) -> None:
    answer = here.post("experiments/search", body)
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], message, of="message")


@check
def a_search_without_a_match_is_an_empty_object(here: Here) -> None:
    answer = here.post("experiments/search", {"max_results": 5, "filter": "name = 'no such name'"})
    equal((answer.status, answer.body), (200, {}))
