"""Prompts: registered models with reserved tags, hidden from searches for models."""

import mlflow

from .here import Here
from .runner import check, equal, holds, same_text


def prompt(here: Here) -> str:
    name = here.name("prompt")
    mlflow.genai.register_prompt(name, "Hello {{who}}", commit_message="first", tags={"lang": "en"})
    return name


@check
def a_prompt_is_registered_and_loaded(here: Here) -> None:
    name = prompt(here)
    loaded = mlflow.genai.load_prompt(f"prompts:/{name}/1")
    equal((loaded.template, loaded.version, loaded.commit_message), ("Hello {{who}}", 1, "first"))
    equal(loaded.format(who="world"), "Hello world")
    equal(loaded.tags["lang"], "en")


@check
def a_new_text_is_the_next_version(here: Here) -> None:
    name = prompt(here)
    equal(mlflow.genai.register_prompt(name, [{"role": "user", "content": "{{q}}"}]).version, 2)
    equal(mlflow.genai.load_prompt(name, version=1).template, "Hello {{who}}")
    equal(mlflow.genai.load_prompt(name, version=2).template, [{"role": "user", "content": "{{q}}"}])


@check
def a_prompt_loads_by_alias(here: Here) -> None:
    name = prompt(here)
    mlflow.genai.set_prompt_alias(name, alias="live", version=1)
    equal(mlflow.genai.load_prompt(f"prompts:/{name}@live").version, 1)
    equal(mlflow.genai.load_prompt(f"prompts:/{name}@latest").version, 1)
    mlflow.genai.delete_prompt_alias(name, alias="live")
    equal(mlflow.genai.load_prompt(f"prompts:/{name}@live", allow_missing=True), None)


@check
def prompts_are_found_as_prompts_and_not_as_models(here: Here) -> None:
    name = prompt(here)
    equal([each.name for each in mlflow.genai.search_prompts(f"name = '{name}'")], [name])
    equal(here.client.search_registered_models(f"name = '{name}'"), [])
    equal(here.client.search_model_versions(f"name = '{name}'"), [])
    hidden = here.client.search_registered_models("tags.`mlflow.prompt.is_prompt` = 'true'")
    holds(name in [each.name for each in hidden], "found by its reserved tag")


@check
def a_model_and_a_prompt_cannot_share_a_name(here: Here) -> None:
    name = prompt(here)
    model = here.client.create_registered_model(here.name("model")).name
    tag = {"key": "mlflow.prompt.is_prompt", "value": "true"}
    for body, told in (
        (
            {"name": name},
            f"Tried to create a registered model with name '{name}', but the name is already taken by a prompt.…",
        ),
        (
            {"name": model, "tags": [tag]},
            f"Tried to create a prompt with name '{model}', but the name is already taken by a registered model.…",
        ),
    ):
        answer = here.post("registered-models/create", body)
        equal((answer.status, answer.body.get("error_code")), (400, "RESOURCE_ALREADY_EXISTS"))
        same_text(answer.body["message"], told, of="message")


@check
def an_unknown_prompt_is_none_when_that_is_allowed(here: Here) -> None:
    equal(mlflow.genai.load_prompt("prompts:/nowhere/1", allow_missing=True), None)
