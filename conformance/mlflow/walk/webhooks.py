"""Webhooks: addresses that are told of changes in the registry."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mlflow.entities.webhook import WebhookStatus

from .here import Here
from .model_versions import model, version
from .runner import atrium_check, equal, holds, refused

TOLD_WITHIN_S = 60  # A message goes out some seconds after the change; a busy machine takes longer.
SECRET = "between the two of us"


@dataclass(frozen=True)
class Message:
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.text)


class Receiver:
    """Takes whatever is posted to it, and answers with `status`."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["content-length"])).decode()
                headers = {key.lower(): value for key, value in self.headers.items()}
                receiver.messages.append(Message(headers, text))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}/hook"

    def of(self, entity: str, holds_for: Callable[[dict[str, Any]], bool]) -> Message:
        """The message about something; others of the walk may come beside it."""
        deadline = time.monotonic() + TOLD_WITHIN_S
        while time.monotonic() < deadline:
            for message in list(self.messages):
                if message.body["entity"] == entity and holds_for(message.body["data"]):
                    return message
            time.sleep(0.1)
        seen = [(message.body["entity"], message.body["data"]) for message in self.messages]
        raise AssertionError(f"nothing was told of {entity} within {TOLD_WITHIN_S} s, only {seen}")


def receiver(here: Here) -> Receiver:
    def make() -> Receiver:
        settings = {"privateWebhookHosts": ["127.0.0.1"]}
        changed = here.send("PATCH", "/api/atrium/v1/projects/default", json={"settings": settings})
        equal(changed.status, 200, of=changed.text)
        return Receiver()

    return here.once("receiver of webhooks", make)


@atrium_check
def a_webhook_is_made_listed_read_changed_and_deleted(here: Here) -> None:
    url = receiver(here).url
    name = here.name("hook")
    events = ["registered_model.created", "model_version_alias.deleted"]
    made = here.client.create_webhook(name, url, events, description="tells the team", secret=SECRET)
    equal((made.name, made.url, made.description), (name, url, "tells the team"))
    equal([str(event) for event in made.events], events)
    equal(made.status, WebhookStatus.ACTIVE)
    holds(made.creation_timestamp == made.last_updated_timestamp > 0, "it has times")
    read = here.client.get_webhook(made.webhook_id)
    equal((read.name, read.secret), (name, None))
    holds(name in [each.name for each in here.client.list_webhooks()], "it is in the list")
    changed = here.client.update_webhook(made.webhook_id, events=["prompt.created"], status="DISABLED")
    equal((changed.name, changed.status), (name, WebhookStatus.DISABLED))
    equal([str(event) for event in changed.events], ["prompt.created"])
    here.client.delete_webhook(made.webhook_id)
    with refused("RESOURCE_DOES_NOT_EXIST", f"Webhook with ID {made.webhook_id} not found."):
        here.client.get_webhook(made.webhook_id)


@atrium_check
def lists_of_webhooks_have_pages(here: Here) -> None:
    made = {
        here.client.create_webhook(here.name("paged"), "https://example.org/", ["prompt.created"]).webhook_id
        for _ in range(3)
    }
    seen: list[str] = []
    token = None
    while True:
        page = here.client.list_webhooks(max_results=2, page_token=token)
        seen += [each.webhook_id for each in page]
        token = page.token
        if not token:
            break
    equal(len(seen), len(set(seen)))
    holds(made <= set(seen), "each is on a page")
    for webhook_id in made:
        here.client.delete_webhook(webhook_id)


@atrium_check
def a_new_version_and_its_alias_are_told_and_signed(here: Here) -> None:
    told = receiver(here)
    events = ["model_version.created", "model_version_alias.created", "model_version_tag.set"]
    made = here.client.create_webhook(here.name("hook"), told.url, events, secret=SECRET)
    name = model(here)
    version(here, name)
    here.client.set_registered_model_alias(name, "champion", "1")
    here.client.set_model_version_tag(name, "1", "reviewed", "yes")
    message = told.of("model_version", lambda data: data["name"] == name)
    equal((message.body["action"], message.body["workspace"]), ("created", "default"))
    equal((message.body["data"]["version"], message.body["data"]["tags"]), ("1", {}))
    parts = [message.headers[f"x-mlflow-{part}"] for part in ("delivery-id", "timestamp")]
    signed = ".".join([*parts, message.text]).encode()
    expected = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
    equal(message.headers["x-mlflow-signature"], f"v1,{expected}")
    alias = told.of("model_version_alias", lambda data: data["name"] == name)
    equal(alias.body["data"], {"name": name, "alias": "champion", "version": "1"})
    tag = told.of("model_version_tag", lambda data: data["name"] == name)
    equal(tag.body["data"], {"name": name, "version": "1", "key": "reviewed", "value": "yes"})
    here.client.delete_webhook(made.webhook_id)


@atrium_check
def a_new_prompt_is_told_as_a_prompt(here: Here) -> None:
    told = receiver(here)
    events = ["prompt.created", "prompt_version.created", "registered_model.created"]
    made = here.client.create_webhook(here.name("hook"), told.url, events)
    name = here.name("prompt")
    here.client.register_prompt(name, "Explain {{delay}} to a traveller.", tags={"tone": "kind"})
    first = told.of("prompt", lambda data: data["name"] == name)
    holds("x-mlflow-signature" not in first.headers, "without a secret nothing is signed")
    message = told.of("prompt_version", lambda data: data["name"] == name)
    equal(message.body["data"]["template"], "Explain {{delay}} to a traveller.")
    equal(message.body["data"]["version"], "1")
    models = [each.body["data"]["name"] for each in told.messages if each.body["entity"] == "registered_model"]
    holds(name not in models, "a prompt is not told as a model")
    here.client.delete_webhook(made.webhook_id)


@atrium_check
def a_webhook_is_tried_with_an_example(here: Here) -> None:
    told = receiver(here)
    events = ["registered_model.created", "model_version_tag.deleted"]
    made = here.client.create_webhook(here.name("hook"), told.url, events, secret=SECRET)
    before = len(told.messages)
    result = here.client.test_webhook(made.webhook_id)
    equal((result.success, result.response_status, result.error_message), (True, 204, None))
    equal(told.messages[before].body["entity"], "registered_model")
    told.status = 400
    result = here.client.test_webhook(made.webhook_id, event="model_version_tag.deleted")
    told.status = 204
    equal((result.success, result.response_status), (False, 400))
    equal(told.messages[before + 1].body["entity"], "model_version_tag")
    here.client.delete_webhook(made.webhook_id)


@atrium_check
def webhooks_that_cannot_be_are_refused(here: Here) -> None:
    events = ["registered_model.created"]
    with refused("INVALID_PARAMETER_VALUE", "Webhook name '-' is invalid. …"):
        here.client.create_webhook("-", "https://example.org/", events)
    with refused("INVALID_PARAMETER_VALUE", "Invalid webhook URL: 10.0.0.7 is in a private network; …"):
        here.client.create_webhook(here.name("hook"), "http://10.0.0.7/", events)
    with refused("INVALID_PARAMETER_VALUE", "Invalid webhook URL: The address must be http or https, …"):
        here.client.create_webhook(here.name("hook"), "file:///etc/passwd", events)
    with refused("INVALID_PARAMETER_VALUE", "Invalid action 'EXCEEDED' for entity 'BUDGET_POLICY'. …"):
        here.client.create_webhook(here.name("hook"), "https://example.org/", ["budget_policy.exceeded"])
