"""Asks the server with the unmodified prometheus-api-client. Prints one line of JSON: what it was answered."""

import json
import os
from datetime import datetime, timezone

from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException

url = os.environ["PROMETHEUS_URL"]
token = os.environ["ATRIUM_TOKEN"]
start = datetime.fromtimestamp(int(os.environ["BASE_S"]), tz=timezone.utc)
end = datetime.fromtimestamp(int(os.environ["BASE_S"]) + 1000, tz=timezone.utc)
client = PrometheusConnect(url=url, headers={"Authorization": f"Bearer {token}"})
at = {"time": end.timestamp()}

try:
    client.custom_query("label_replace(requests_total, 'a', 'b', 'c', 'd')")
    refusal = ""
except PrometheusApiClientException as thrown:
    refusal = str(thrown)

print(
    json.dumps(
        {
            "connected": client.check_prometheus_connection(),
            "metrics": client.all_metrics(),
            "labels": client.get_label_names(),
            "hosts": client.get_label_values("host"),
            "series": client.get_series(start, end, params={"match[]": "capacity"}),
            "current": client.get_current_metric_value("capacity", {"host": "a"}, params=at),
            "range": client.get_metric_range_data("capacity", {"host": "a"}, start_time=start, end_time=end),
            "query": client.custom_query("sum(capacity)", params=at),
            "steps": client.custom_query_range("sum(capacity)", start_time=start, end_time=end, step="5m"),
            "metadata": client.get_metric_metadata("requests_total"),
            "refusal": refusal,
        }
    )
)
