"""The walk with the unmodified feast client: online reads, pushes, statuses and errors, against ATRIUM_URL."""

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import requests
from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, PushSource
from feast.data_source import PushMode
from feast.errors import (
    FeastError,
    FeastObjectNotFoundException,
    FeastPermissionError,
    FeatureServiceNotFoundException,
    FeatureViewNotFoundException,
    PushSourceNotFoundException,
)
from feast.infra.online_stores.remote import get_remote_online_features, post_remote_online_write
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus
from feast.types import Float64, Int64, String
from feast.value_type import ValueType

URL = os.environ["ATRIUM_URL"]
TOKEN = os.environ["ATRIUM_TOKEN"]
NOW = datetime.fromtimestamp(int(os.environ["NOW_MS"]) / 1000, tz=timezone.utc)

PRESENT = FieldStatus.PRESENT
NULL_VALUE = FieldStatus.NULL_VALUE
NOT_FOUND = FieldStatus.NOT_FOUND
OUTSIDE_MAX_AGE = FieldStatus.OUTSIDE_MAX_AGE

CONFIGURATION = """
project: default
provider: local
registry: {registry}
online_store: {{type: remote, path: "{path}"}}
offline_store: {{type: file}}
auth: {{type: oidc, token: "{token}"}}
entity_key_serialization_version: 3
"""

checks: list[Callable[[], None]] = []


def check(body: Callable[[], None]) -> Callable[[], None]:
    checks.append(body)
    return body


def equal(got: Any, expected: Any) -> None:
    if got != expected:
        raise AssertionError(f"expected {expected!r}\n      got      {got!r}")


def refused(kind: type, body: Callable[[], Any], words: str = "") -> None:
    """The client raises this very class with these words in it, and without having tried again."""
    started = datetime.now()
    try:
        body()
    except FeastError as raised:
        equal(type(raised), kind)
        if words not in str(raised):
            raise AssertionError(f"expected {words!r} in {raised!r}")
        if datetime.now() - started > timedelta(seconds=3):
            raise AssertionError("it was tried again")
        return
    raise AssertionError(f"expected {kind.__name__}, got no error")


def store_at(path: str, token: str = TOKEN) -> FeatureStore:
    folder = Path.cwd() / f"repository-{len(list(Path.cwd().iterdir()))}"
    folder.mkdir()
    text = CONFIGURATION.format(registry=folder / "registry.db", path=path, token=token)
    (folder / "feature_store.yaml").write_text(text)
    store = FeatureStore(repo_path=str(folder))
    driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
    customer = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.STRING)
    history = folder / "history.parquet"
    pd.DataFrame(
        {
            "driver_id": [2001],
            "event_timestamp": [pd.Timestamp(NOW)],
            "created": [pd.Timestamp(NOW)],
            "conv_rate": [0.125],
            "trips": [1],
            "city": ["Oslo"],
        }
    ).to_parquet(history)
    batch = FileSource(path=str(history), timestamp_field="event_timestamp", created_timestamp_column="created")
    hourly = FeatureView(
        name="driver_hourly",
        entities=[driver],
        ttl=timedelta(days=7),
        schema=[
            Field(name="conv_rate", dtype=Float64),
            Field(name="trips", dtype=Int64),
            Field(name="city", dtype=String),
        ],
        source=PushSource(name="driver_stream", batch_source=batch),
    )
    rides = FeatureView(
        name="driver_customer",
        entities=[driver, customer],
        schema=[Field(name="fare", dtype=Float64)],
        source=FileSource(path=str(history), timestamp_field="event_timestamp"),
    )
    store.apply([driver, customer, hourly, rides, FeatureService(name="ranking", features=[hourly, rides])])
    return store


def statuses(response: Any) -> dict[str, list[int]]:
    names = response.proto.metadata.feature_names.val
    return {name: list(result.statuses) for name, result in zip(names, response.proto.results)}


store = store_at(f"{URL}/feast")
HOURLY = ["driver_hourly:conv_rate", "driver_hourly:trips", "driver_hourly:city"]


@check
def values_are_read_by_name_with_every_status() -> None:
    rows = [{"driver_id": one} for one in (1001, 1002, 1003, 9999)]
    response = store.get_online_features(features=HOURLY, entity_rows=rows)
    equal(
        response.to_dict(),
        {
            "driver_id": [1001, 1002, 1003, 9999],
            "conv_rate": [0.5, None, None, None],
            "trips": [10, 20, None, None],
            "city": ["Bern", None, None, None],
        },
    )
    equal(statuses(response)["conv_rate"], [PRESENT, NULL_VALUE, OUTSIDE_MAX_AGE, NOT_FOUND])


@check
def the_time_to_live_counts_from_each_rows_own_time_and_a_null_in_it_is_told_apart() -> None:
    ttl = timedelta(days=7)
    ages = {4001: ttl - timedelta(minutes=10), 4002: ttl + timedelta(seconds=1), 4003: timedelta(0)}
    frame = pd.DataFrame(
        {
            "driver_id": list(ages),
            "event_timestamp": [NOW - age for age in ages.values()],
            "created": [NOW] * len(ages),
            "conv_rate": [0.5, 0.5, None],
            "trips": [1, 2, 3],
            "city": ["Bonn", None, None],
        }
    )
    store.write_to_online_store("driver_hourly", df=frame)
    rows = [{"driver_id": one} for one in (*ages, 4004)]
    response = store.get_online_features(features=HOURLY, entity_rows=rows)
    told = statuses(response)
    equal(told["conv_rate"], [PRESENT, OUTSIDE_MAX_AGE, NULL_VALUE, NOT_FOUND])
    equal(told["trips"], [PRESENT, OUTSIDE_MAX_AGE, PRESENT, NOT_FOUND])
    equal(told["city"], [PRESENT, OUTSIDE_MAX_AGE, NULL_VALUE, NOT_FOUND])
    equal(response.to_dict()["trips"], [1, None, 3, None])


@check
def a_feature_service_reads_composite_keys_of_the_right_entity() -> None:
    rows = [
        {"driver_id": 1001, "customer_id": "a"},
        {"driver_id": 1001, "customer_id": "b"},
        {"driver_id": 1002, "customer_id": "a"},
    ]
    service = store.get_feature_service("ranking")
    got = store.get_online_features(features=service, entity_rows=rows).to_dict()
    equal(got["fare"], [10.5, 99.5, None])
    equal(got["trips"], [10, 10, 20])


@check
def full_names_carry_the_view() -> None:
    got = store.get_online_features(features=HOURLY[:1], entity_rows=[{"driver_id": 1001}], full_feature_names=True)
    equal(got.to_dict(), {"driver_id": [1001], "driver_hourly__conv_rate": [0.5]})


@check
def a_version_of_a_view_is_read_by_its_number() -> None:
    body = {"features": ["driver_hourly@v1:trips"], "entities": {"driver_id": [1001]}}
    response = get_remote_online_features(config=store.config, req_body=body)
    equal(response.json()["results"][1]["values"], [10])


@check
def rows_written_by_the_client_are_read_back_and_an_older_one_never_wins() -> None:
    def frame(rate: float, at: datetime) -> pd.DataFrame:
        row = {"driver_id": [3001], "event_timestamp": [at], "created": [at]}
        return pd.DataFrame({**row, "conv_rate": [rate], "trips": [5], "city": ["Graz"]})

    store.write_to_online_store("driver_hourly", df=frame(0.25, NOW))
    store.write_to_online_store("driver_hourly", df=frame(0.99, NOW - timedelta(hours=1)))
    got = store.get_online_features(features=HOURLY, entity_rows=[{"driver_id": 3001}]).to_dict()
    equal(got, {"driver_id": [3001], "conv_rate": [0.25], "trips": [5], "city": ["Graz"]})


@check
def a_push_of_the_client_goes_to_every_view_of_its_source() -> None:
    row = {"driver_id": [3002], "event_timestamp": [NOW], "created": [NOW]}
    frame = pd.DataFrame({**row, "conv_rate": [None], "trips": [6], "city": ["Lyon"]})
    frame["conv_rate"] = frame["conv_rate"].astype("float64")
    store.push("driver_stream", frame, to=PushMode.ONLINE)
    response = store.get_online_features(features=HOURLY, entity_rows=[{"driver_id": 3002}])
    equal(response.to_dict(), {"driver_id": [3002], "conv_rate": [None], "trips": [6], "city": ["Lyon"]})


@check
def rows_of_the_clients_own_file_are_written_through_the_server() -> None:
    view = store.get_feature_view("driver_hourly")
    frame = pd.read_parquet(view.batch_source.path)
    store.write_to_online_store("driver_hourly", df=frame)
    got = store.get_online_features(features=HOURLY, entity_rows=[{"driver_id": 2001}]).to_dict()
    equal(got, {"driver_id": [2001], "conv_rate": [0.125], "trips": [1], "city": ["Oslo"]})


@check
def the_push_endpoint_takes_rows_online_and_into_the_history() -> None:
    frame = {
        "driver_id": [3003],
        "event_timestamp": [(NOW - timedelta(minutes=1)).isoformat()],
        "created": [NOW.isoformat()],
        "conv_rate": [0.5],
        "trips": [7],
        "city": ["Nice"],
    }
    for to in ("online", "offline", "online_and_offline"):
        body = {"push_source_name": "driver_stream", "df": frame, "to": to}
        answer = requests.post(f"{URL}/feast/push", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        equal((answer.status_code, answer.text), (200, ""))
    got = store.get_online_features(features=HOURLY, entity_rows=[{"driver_id": 3003}]).to_dict()
    equal(got["trips"], [7])


@check
def a_project_is_named_by_the_address() -> None:
    elsewhere = store_at(f"{URL}/p/default/feast")
    got = elsewhere.get_online_features(features=HOURLY[:1], entity_rows=[{"driver_id": 1001}]).to_dict()
    equal(got["conv_rate"], [0.5])
    nowhere = store_at(f"{URL}/p/nothing/feast")
    read = lambda: nowhere.get_online_features(features=HOURLY, entity_rows=[{"driver_id": 1}])  # noqa: E731
    try:
        read()
    except FeastError as raised:
        equal(type(raised).__name__, "ProjectObjectNotFoundException")
        return
    raise AssertionError("a project that is not there was read")


def read_raw(**body: Any) -> Any:
    return get_remote_online_features(config=store.config, req_body={"entities": {"driver_id": [1]}, **body})


def write_raw(**body: Any) -> Any:
    return post_remote_online_write(config=store.config, req_body=body)


@check
def refusals_are_the_clients_own_errors() -> None:
    refused(FeatureServiceNotFoundException, lambda: read_raw(feature_service="nothing"), "nothing")
    refused(FeatureViewNotFoundException, lambda: read_raw(features=["nothing:x"]), "nothing")
    refused(FeastObjectNotFoundException, lambda: read_raw(features=["driver_hourly:nothing"]), "nothing")
    refused(FeastError, lambda: read_raw(features=["driver_hourly"]), "view:feature")
    refused(FeastError, lambda: read_raw(features=HOURLY, entities={"driver_id": ["words"]}), "driver_id")
    refused(FeastError, lambda: read_raw(features=HOURLY, entities={}), "driver_id")
    refused(FeatureViewNotFoundException, lambda: write_raw(feature_view_name="nothing", df={}), "nothing")
    frame = {"driver_id": [1], "event_timestamp": ["noon"], "conv_rate": [1], "trips": [1], "city": ["x"]}
    refused(FeastError, lambda: write_raw(feature_view_name="driver_hourly", df=frame), "event_timestamp")


@check
def a_push_to_nobody_and_a_wrong_token_are_told_apart() -> None:
    answer = requests.post(
        f"{URL}/feast/push",
        json={"push_source_name": "nothing", "df": {}},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    equal(answer.status_code, 422)
    equal(type(FeastError.from_error_detail(answer.json())), PushSourceNotFoundException)
    stranger = store_at(f"{URL}/feast", token="x" * 40)
    refused(FeastError, lambda: stranger.get_online_features(features=HOURLY, entity_rows=[{"driver_id": 1}]))


@check
def a_reader_may_read_and_not_write() -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    api = f"{URL}/api/atrium/v1"

    def made(path: str, body: dict[str, Any]) -> Any:
        answer = requests.post(f"{api}{path}", json=body, headers=headers)
        equal(answer.status_code, 201)
        return answer.json()

    account = made("/service-accounts", {"name": "feature-reader", "owner": "organisation"})
    project = requests.get(f"{api}/projects/default", headers=headers).json()["id"]
    principal = {"kind": "service-account", "id": account["id"]}
    made("/grants", {"principal": principal, "roleId": "viewer", "place": {"kind": "project", "projectId": project}})
    expires = int(datetime.now().timestamp() * 1000) + 3_600_000
    token = made(f"/service-accounts/{account['id']}/tokens", {"name": "t", "expiresMs": expires})["secret"]
    reader = store_at(f"{URL}/feast", token=token)
    got = reader.get_online_features(features=HOURLY[:1], entity_rows=[{"driver_id": 1001}]).to_dict()
    equal(got["conv_rate"], [0.5])
    frame = pd.DataFrame(
        {"driver_id": [1], "event_timestamp": [NOW], "created": [NOW], "conv_rate": [1.0], "trips": [1], "city": ["x"]}
    )
    refused(FeastPermissionError, lambda: reader.write_to_online_store("driver_hourly", df=frame))


@check
def health_is_open_and_empty() -> None:
    answer = requests.get(f"{URL}/feast/health")
    equal((answer.status_code, answer.text), (200, ""))


def main() -> int:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    passed = failed = 0
    for body in checks:
        sentence = body.__name__.replace("_", " ")
        try:
            body()
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
