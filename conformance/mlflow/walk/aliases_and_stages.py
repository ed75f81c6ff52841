"""Aliases, and the stages that they replace."""

from .here import DOCS, Here
from .model_versions import model, version
from .runner import check, check_each, equal, refused, same_text


def two(here: Here) -> str:
    name = model(here)
    version(here, name)
    version(here, name)
    return name


@check
def an_alias_names_one_version_and_moves(here: Here) -> None:
    name = two(here)
    for number in ("1", "2"):
        here.client.set_registered_model_alias(name, "best", number)
        equal(str(here.client.get_model_version_by_alias(name, "best").version), number)
    equal(here.client.get_registered_model(name).aliases, {"best": "2"})
    equal(here.client.get_model_version(name, "1").aliases, [])


@check
def a_version_may_have_several_aliases(here: Here) -> None:
    name = two(here)
    for alias in ("best", "Best-2", "under_score"):
        here.client.set_registered_model_alias(name, alias, "1")
    equal(sorted(here.client.get_model_version(name, "1").aliases), ["Best-2", "best", "under_score"])
    equal(
        here.client.get_registered_model(name).aliases, dict.fromkeys(("best", "Best-2", "under_score"), "1")
    )


@check
def a_deleted_alias_is_gone_and_may_be_deleted_again(here: Here) -> None:
    name = two(here)
    here.client.set_registered_model_alias(name, "best", "1")
    here.client.delete_registered_model_alias(name, "best")
    here.client.delete_registered_model_alias(name, "best")
    with refused("INVALID_PARAMETER_VALUE", "Registered model alias best not found."):
        here.client.get_model_version_by_alias(name, "best")


@check
def an_alias_of_an_unknown_model_is_refused(here: Here) -> None:
    with refused("RESOURCE_DOES_NOT_EXIST", "Registered Model with name=nowhere not found"):
        here.client.get_model_version_by_alias("nowhere", "best")


@check_each(
    ("latest", "'latest' alias name (case insensitive) is reserved."),
    ("LaTest", "'latest' alias name (case insensitive) is reserved."),
    ("v1", "Version alias name 'v1' is reserved."),
    (
        "a b",
        "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and dashes (-).…",
    ),
    ("a" * 256, "'Registered model alias name' exceeds the maximum length of 255 characters"),
    ("", f"Missing value for required parameter 'alias'.{DOCS}"),
)
def an_alias_is_refused(here: Here, alias: str, message: str) -> None:
    name = model(here)
    version(here, name)
    answer = here.post("registered-models/alias", {"name": name, "alias": alias, "version": "1"})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], message, of="message")


@check
def a_version_goes_through_stages(here: Here) -> None:
    name = two(here)
    for stage in ("Staging", "Production", "Archived", "None"):
        equal(here.client.transition_model_version_stage(name, "1", stage).current_stage, stage)
        equal(here.client.get_model_version(name, "1").current_stage, stage)


@check
def a_stage_is_written_in_any_case(here: Here) -> None:
    equal(
        here.client.transition_model_version_stage(two(here), "1", "pRoDuCtIoN").current_stage, "Production"
    )


@check
def the_others_in_a_stage_can_be_archived(here: Here) -> None:
    name = two(here)
    here.client.transition_model_version_stage(name, "1", "Production")
    here.client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    equal([here.client.get_model_version(name, n).current_stage for n in "12"], ["Archived", "Production"])


@check
def an_unknown_stage_is_refused(here: Here) -> None:
    message = "Invalid Model Version stage: Foo. Value must be one of None, Staging, Production, Archived."
    with refused("INVALID_PARAMETER_VALUE", message):
        here.client.transition_model_version_stage(two(here), "1", "Foo")


@check
def latest_versions_are_the_newest_of_each_stage(here: Here) -> None:
    name = two(here)
    version(here, name)
    here.client.transition_model_version_stage(name, "1", "Staging")
    latest = {each.current_stage: str(each.version) for each in here.client.get_latest_versions(name)}
    equal(latest, {"Staging": "1", "None": "3"})
    equal([str(each.version) for each in here.client.get_latest_versions(name, ["Staging"])], ["1"])
    equal(here.client.get_latest_versions(name, ["Production"]), [])


@check
def a_registered_model_shows_its_latest_versions(here: Here) -> None:
    name = two(here)
    equal([str(each.version) for each in here.client.get_registered_model(name).latest_versions], ["2"])
    (found,) = here.client.search_registered_models(f"name = '{name}'")
    equal([str(each.version) for each in found.latest_versions], ["2"])
