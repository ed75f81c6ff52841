"""A Feast repository with one view of twenty features on SQLite, filled with the rows that bench/features.ts asks for."""

import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.types import Float64
from feast.value_type import ValueType

FOLDER = Path(sys.argv[1])
ENTITIES = int(sys.argv[2])
FEATURES = int(sys.argv[3])

CONFIGURATION = """
project: bench
provider: local
registry: registry.db
online_store: {type: sqlite, path: online.db}
offline_store: {type: file}
entity_key_serialization_version: 3
"""

FOLDER.mkdir(parents=True, exist_ok=True)
(FOLDER / "feature_store.yaml").write_text(CONFIGURATION)
os.chdir(FOLDER)
now = datetime.now(timezone.utc)
names = [f"f{i}" for i in range(FEATURES)]
rows = pd.DataFrame(
    {
        "k": range(ENTITIES),
        "event_timestamp": [now] * ENTITIES,
        **{name: [i * 1.5] * ENTITIES for i, name in enumerate(names)},
    }
)
rows.to_parquet("rows.parquet")
entity = Entity(name="thing", join_keys=["k"], value_type=ValueType.INT64)
view = FeatureView(
    name="wide",
    entities=[entity],
    ttl=timedelta(days=365),
    schema=[Field(name=name, dtype=Float64) for name in names],
    source=FileSource(path=str(FOLDER / "rows.parquet"), timestamp_field="event_timestamp"),
)
store = FeatureStore(repo_path=str(FOLDER))
store.apply([entity, view])
store.write_to_online_store("wide", rows)
