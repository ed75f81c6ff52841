"""The walk through everything that the mlflow client does, against the server at MLFLOW_TRACKING_URI.

python -m walk --server atrium|mlflow [--only TEXT]
"""

import argparse
import logging
import os
import sys
import warnings

import mlflow

from . import (  # noqa: F401 - importing a theme registers its checks, in this order.
    system,
    experiments,
    runs,
    params_and_tags,
    metrics,
    search_runs,
    datasets,
    artifacts,
    artifact_paths,
    logged_models,
    model_flavors,
    registered_models,
    model_versions,
    aliases_and_stages,
    prompts,
    webhooks,
    autolog,
    protocol,
    command_line,
    access,
)
from .here import Here
from .runner import run_checks


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", choices=["atrium", "mlflow"], required=True)
    parser.add_argument("--only", help="run the checks whose theme and sentence contain this")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    url = os.environ["MLFLOW_TRACKING_URI"]
    mlflow.set_tracking_uri(url)
    here = Here(url, os.environ.get("MLFLOW_TRACKING_TOKEN"), given.server)
    passed, failed = run_checks(here, given.only)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


sys.exit(main())
