"""Where clients of the platform find it, as far as one variable does not say it. Those of mlflow are set by the server."""

import json
import os
from pathlib import Path

_FEAST = """project: default
provider: local
registry: {registry}
online_store: {{type: remote, path: {path}}}
offline_store: {{type: file}}
auth: {{type: oidc, token: {token}}}
entity_key_serialization_version: 3
"""


def write_settings(folder: Path) -> dict[str, str]:
    """Writes what clients read from files into a private folder; answers with the variables that point there."""
    url, token = os.environ["ATRIUM_URL"], os.environ["ATRIUM_TOKEN"]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    feast = folder / "feature_store.yaml"
    registry, path = str(folder / "registry.db"), f"{url}/feast"
    text = _FEAST.format(registry=json.dumps(registry), path=json.dumps(path), token=json.dumps(token))
    token_file = folder / "token"
    for file, content in ((feast, text), (token_file, token)):
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
            target.write(content)
    return {
        "KF_PIPELINES_ENDPOINT": url,
        "KF_PIPELINES_SA_TOKEN_PATH": str(token_file),
        "FEAST_FS_YAML_FILE_PATH": str(feast),
    }
