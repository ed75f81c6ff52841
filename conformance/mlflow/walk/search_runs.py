"""Searching runs: the whole filter language, orders, pages, views."""

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType

from .here import Here
from .runner import check, check_each, equal, refused, same_text

# Name: (start, status, metrics, params, tags). `zero` holds what a careless search loses: 0, "", NaN.
RUNS = {
    "ada": (1000, "FINISHED", {"acc": 0.9, "loss": 1e-3}, {"lr": "0.1", "opt": "Adam"}, {"team": "red"}),
    "bob": (2000, "FAILED", {"acc": 0.5, "my metric": 7}, {"lr": "0.01", "opt": "sgd"}, {"team": "Red"}),
    "cyd": (3000, "RUNNING", {"acc": float("nan")}, {"opt": "adam", "per cent": "50%_x"}, {"note": "it's"}),
    "dan": (4000, "FINISHED", {"acc": -1.5}, {"lr": "0.1"}, {"team": "blue", "mlflow.data": "x"}),
    "zero": (5000, "KILLED", {"loss": 0}, {"lr": "", "sub/dir-1.x": "deep"}, {}),
}


def _world(here: Here) -> str:
    """One experiment with the runs above; answers with its id."""

    def make() -> str:
        experiment = here.client.create_experiment(here.name("search"))
        for name, (start, status, metrics, params, tags) in RUNS.items():
            run_id = here.client.create_run(
                experiment, start_time=start, run_name=name, tags={"mlflow.user": f"user of {name}"}
            ).info.run_id
            here.client.log_batch(
                run_id,
                metrics=[Metric(key, -999, 1, 0) for key in metrics]
                + [Metric(key, value, 2, 1) for key, value in metrics.items()],
                params=[Param(key, value) for key, value in params.items()],
                tags=[RunTag(key, value) for key, value in tags.items()],
            )
            if name in ("ada", "bob"):
                data = Dataset(
                    name=f"flights-{name}", digest=f"digest-{name}", source_type="local", source="{}"
                )
                tag = InputTag(key="mlflow.data.context", value="train" if name == "ada" else "test")
                here.client.log_inputs(run_id, [DatasetInput(data, [tag])])
            if status != "RUNNING":
                here.client.set_terminated(run_id, status, end_time=start + 500)
        return experiment

    return here.once("searched runs", make)


def found(here: Here, text: str, **options) -> list[str]:
    runs = here.client.search_runs([_world(here)], text, **options)
    return [run.info.run_name for run in runs]


@check_each(
    ("metrics.acc > 0.5", "ada"),
    ("metrics.acc >= 0.5", "bob ada"),
    ("metrics.acc < 0.9", "dan bob"),
    ("metrics.acc <= -1.5", "dan"),
    ("metrics.acc = 0.9", "ada"),
    ("metrics.acc != 0.9", "dan cyd bob"),
    ("metric.acc > 0.5", "ada"),
    ("metrics.loss = 0", "zero"),
    ("metrics.loss < 1e-2", "zero ada"),
    ("metrics.`my metric` = 7", "bob"),
    ('metrics."my metric" = 7', "bob"),
    ("metrics.acc = -999", ""),
    ("metrics.unknown > 0", ""),
    ("params.lr = '0.1'", "dan ada"),
    ('params.lr = "0.1"', "dan ada"),
    ("param.lr = '0.1'", "dan ada"),
    ("parameter.lr = '0.1'", "dan ada"),
    ("parameters.lr = '0.1'", "dan ada"),
    ("params.lr != '0.1'", "zero bob"),
    ("params.opt = 'adam'", "cyd"),
    ("params.opt LIKE 'ad%'", "cyd"),
    ("params.opt LIKE 'Ad%'", "ada"),
    ("params.opt ILIKE 'AD%'", "cyd ada"),
    ("params.opt LIKE '_dam'", "cyd ada"),
    ("params.LR = '0.1'", ""),
    ("params.lr IS NULL", "cyd"),
    ("params.lr IS NOT NULL", "zero dan bob ada"),
    ("params.`sub/dir-1.x` = 'deep'", "zero"),
    ("params.`per cent` LIKE '50%'", "cyd"),
    ("tags.team = 'red'", "ada"),
    ("tag.team = 'red'", "ada"),
    ("tags.team != 'red'", "dan bob"),
    ("tags.team ILIKE 'RED'", "bob ada"),
    ("tags.team IS NULL", "zero cyd"),
    ("tags.team IS NOT NULL AND params.lr = '0.1'", "dan ada"),
    ('tags.note = "it\'s"', "cyd"),
    ("tags.`mlflow.data` = 'x'", "dan"),
    ("tags.mlflow.data = 'x'", "dan"),
    ("tags.`mlflow.runName` LIKE '%a%'", "dan ada"),
    ("status = 'FINISHED'", "dan ada"),
    ("attributes.status != 'FINISHED'", "zero cyd bob"),
    ("attribute.status = 'RUNNING'", "cyd"),
    ("run.status = 'KILLED'", "zero"),
    ("attr.status LIKE 'F%'", "dan bob ada"),
    ("run_name = 'ada'", "ada"),
    ("run_name LIKE '%a%'", "dan ada"),
    ("run_name ILIKE 'ADA'", "ada"),
    ("`run name` = 'ada'", "ada"),
    ("`Run name` = 'ada'", "ada"),
    ("`Run Name` = 'ada'", "ada"),
    ("start_time > 3000", "zero dan"),
    ("start_time >= 3000 AND start_time < 5000", "dan cyd"),
    ("attributes.start_time = 1000", "ada"),
    ("created <= 1000", "ada"),
    ("Created != 1000", "zero dan cyd bob"),
    ("end_time > 2000", "zero dan bob"),
    ("user_id = 'user of ada'", "ada"),
    ("artifact_uri LIKE '%/artifacts'", "zero dan cyd bob ada"),
    ("dataset.name = 'flights-ada'", "ada"),
    ("datasets.name LIKE 'flights%'", "bob ada"),
    ("datasets.name ILIKE 'FLIGHTS%'", "bob ada"),
    ("datasets.name != 'flights-ada'", "bob"),
    ("datasets.name IN ('flights-ada', 'other')", "ada"),
    ("datasets.digest = 'digest-bob'", "bob"),
    ("datasets.digest NOT IN ('digest-bob')", "ada"),
    ("datasets.context = 'train'", "ada"),
    ("datasets.name = 'flights-ada' AND metrics.acc > 0.1 AND tags.team = 'red'", "ada"),
    ("metrics.acc > 0.1 and params.lr = '0.1' And tags.team = 'red' AND status = 'FINISHED'", "ada"),
    ("params.lr='0.1'and tags.team='red'", "ada"),
    ("params.lr = '0.1' AND params.lr = '0.01'", ""),
    ("metrics.acc > -2 AND metrics.acc < 0", "dan"),
    ("", "zero dan cyd bob ada"),
)  # fmt: skip
def a_filter_finds(here: Here, text: str, names: str) -> None:
    equal(found(here, text), names.split())


@check
def run_ids_can_be_listed(here: Here) -> None:
    ids = {run.info.run_name: run.info.run_id for run in here.client.search_runs([_world(here)])}
    equal(found(here, f"run_id IN ('{ids['ada']}', '{ids['dan']}')"), ["dan", "ada"])
    equal(found(here, f"attributes.run_id NOT IN ('{ids['ada']}','{ids['dan']}')"), ["zero", "cyd", "bob"])
    equal(found(here, f"run_id = '{ids['bob']}'"), ["bob"])
    equal(found(here, f"run_id != '{ids['bob']}' AND run_id LIKE '{ids['cyd'][:12]}%'"), ["cyd"])


@check
def the_user_is_the_one_that_created_the_run(here: Here) -> None:
    experiment = here.experiment()
    here.post("runs/create", {"experiment_id": experiment, "user_id": "alice", "run_name": "hers"})
    here.post("runs/create", {"experiment_id": experiment, "user_id": "bob", "run_name": "his"})
    runs = here.client.search_runs([experiment], "user_id = 'alice'")
    equal([run.info.run_name for run in runs], ["hers"])


ATTRIBUTES = "Invalid attribute key 'foo' specified. Valid keys are …"


@check_each(
    ("metrics.m = 'x'", "Expected numeric value type for metric. Found 'x'"),
    ("metrics.m LIKE 'x'", "…"),
    ("metrics.m = NaN", "Expected numeric value type for metric. Found NaN"),
    ("params.p = 1", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1"),
    ("params.p > '1'", "Invalid comparator '>' not one of …"),
    ("params.p <> '1'", "Invalid comparator '<>' not one of …"),
    ("params.p == '1'", "Invalid comparator '==' not one of …"),
    ("params.p NOT LIKE '%'", "Invalid comparator 'NOT LIKE'…"),
    ("tags.a = b", "Parameter value is either not quoted or unidentified quote types used for string value b. Use either single or double quotes."),
    ("params.p = params.q", "Parameter value is either not quoted or unidentified quote types used for string value params.q. Use either single or double quotes."),
    ("foo.x = 1", "Invalid entity type 'foo'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']"),
    ("PARAMS.p = '1'", "Invalid entity type 'PARAMS'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']"),
    ("foo = 'x'", ATTRIBUTES),
    ("attributes.foo = 'x'", ATTRIBUTES),
    ("datasets.foo = 'x'", "Invalid dataset key 'foo' specified. Valid keys are …"),
    ("dataset.name > 'x'", "Invalid comparator '>' not one of …"),
    ("metrics.m", "Invalid clause(s) in filter string: 'metrics.m'"),
    ("metrics.m =", "Invalid clause(s) in filter string: 'metrics.m', '='"),
    ("metrics.m = 1 OR params.p = '1'", "Invalid clause(s) in filter string: 'OR'"),
    ("NOT params.p = '1'", "Invalid clause(s) in filter string: …"),
    ("(params.p = '1')", "Invalid clause(s) in filter string: '(params.p = '1')'"),
    ("params.p = '1', params.q = '2'", "Invalid clause(s) in filter string: …"),
    ("params.p = '1'; params.q = '2'", "…"),
    ("params.p BETWEEN '1' AND '2'", "Invalid clause(s) in filter string: …"),
    ("run_id IN ()", "While parsing a list in the query, expected a non-empty list of string values, but got empty list"),
    ("run_id IN (1)", "While parsing a list in the query, expected string value, punctuation, or whitespace, but got different type in list: …"),
    ("run_id IN 'a'", "Invalid clause(s) in filter string: …"),
    ("run_id IN ('a'", "…"),
    ("status IN ('RUNNING')", "Only …"),
    ("start_time > 'x'", "Expected numeric value type for numeric attribute: start_time. Found 'x'"),
    ("dataset.name IS NULL", "…"),
    ("metrics.m IS NULL", "…"),
    ("params.p IS", "Invalid clause(s) in filter string: …"),
    ("'1' = params.p", "Invalid comparison clause. Expected 'Identifier' found ''1''"),
    ("select * from runs", "Invalid clause(s) in filter string: …"),
    ("-- c", "Invalid clause(s) in filter string: …"),
)  # fmt: skip
def a_filter_is_refused(here: Here, text: str, message: str) -> None:
    answer = here.post("runs/search", {"experiment_ids": [_world(here)], "filter": text})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], message, of="message")


@check_each(
    (["metrics.acc DESC"], "ada bob dan cyd zero"),
    (["metrics.acc ASC"], "dan bob ada cyd zero"),
    (["metrics.acc"], "dan bob ada cyd zero"),
    (["metrics.`my metric` ASC"], "bob zero dan cyd ada"),
    (["params.lr ASC"], "zero bob dan ada cyd"),
    (["params.lr DESC"], "dan ada bob zero cyd"),
    (["params.lr DESC", "start_time ASC"], "ada dan bob zero cyd"),
    (["tags.team ASC"], "bob dan ada zero cyd"),
    (["tag.team DESC"], "ada dan bob zero cyd"),
    (["start_time ASC"], "ada bob cyd dan zero"),
    (["attributes.start_time desc"], "zero dan cyd bob ada"),
    (["end_time ASC"], "ada bob dan zero cyd"),
    (["run_name DESC"], "zero dan cyd bob ada"),
    (["Created DESC"], "zero dan cyd bob ada"),
    (["status ASC", "start_time ASC"], "bob ada dan zero cyd"),
    (["metrics.unknown DESC"], "zero dan cyd bob ada"),
    ([], "zero dan cyd bob ada"),
)
def an_order_sorts(here: Here, order: list[str], names: str) -> None:
    equal(found(here, "", order_by=order), names.split())


@check_each(
    (["metrics.m BAD"], "Invalid ordering key in order_by clause 'metrics.m BAD'.…"),
    (["foo"], "Invalid attribute key 'foo' specified. Valid keys are …"),
    (["foo.x"], "Invalid entity type 'foo'. Valid values are …"),
    ([""], "Invalid order_by clause ''. Could not be parsed."),
)
def an_order_is_refused(here: Here, order: list[str], message: str) -> None:
    with refused("INVALID_PARAMETER_VALUE", message):
        here.client.search_runs([_world(here)], order_by=order)


@check
def runs_that_start_together_have_a_fixed_order(here: Here) -> None:
    experiment = here.experiment()
    ids = sorted(here.client.create_run(experiment, start_time=7).info.run_id for _ in range(6))
    equal([run.info.run_id for run in here.client.search_runs([experiment])], ids)


@check
def pages_show_each_run_once(here: Here) -> None:
    seen, token, sizes = [], None, []
    while True:
        page = here.client.search_runs(
            [_world(here)], order_by=["metrics.acc DESC"], max_results=2, page_token=token
        )
        seen += [run.info.run_name for run in page]
        sizes.append(len(page))
        token = page.token
        if not token:
            break
    equal((seen, sizes), (["ada", "bob", "dan", "cyd", "zero"], [2, 2, 1]))


@check
def a_page_that_is_just_full_has_no_next_one(here: Here) -> None:
    page = here.client.search_runs([_world(here)], max_results=len(RUNS))
    equal((len(page), page.token or None), (len(RUNS), None))


@check_each(
    (
        {"max_results": 0},
        "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
    ),
    (
        {"max_results": -1},
        "Invalid value -1 for parameter 'max_results' supplied. It must be a positive integer",
    ),
    ({"max_results": 50001}, "Invalid value 50001 for parameter 'max_results' supplied: …"),
    ({"page_token": "zz"}, "Invalid page token, could not base64-decode"),
    ({"experiment_ids": ["abc"]}, "Invalid experiment ID 'abc'. Experiment ID must be a valid integer."),
    ({"experiment_ids": "1"}, "Invalid value \"1\" for parameter 'experiment_ids' supplied: …"),
    ({"order_by": "x"}, "Invalid value \"x\" for parameter 'order_by' supplied: …"),
    ({"filter": 5}, "Invalid value 5 for parameter 'filter' supplied: …"),
)
def a_search_is_refused_with(here: Here, fields: dict, message: str) -> None:
    answer = here.post("runs/search", {"experiment_ids": [_world(here)], **fields})
    equal((answer.status, answer.body.get("error_code")), (400, "INVALID_PARAMETER_VALUE"))
    same_text(answer.body["message"], message, of="message")


@check
def views_show_active_or_deleted_or_all(here: Here) -> None:
    experiment = here.experiment()
    for name in ("kept", "gone"):
        here.client.create_run(experiment, run_name=name)
    gone = here.client.search_runs([experiment], "run_name = 'gone'")[0]
    here.client.delete_run(gone.info.run_id)
    expected = {
        ViewType.ACTIVE_ONLY: ["kept"],
        ViewType.DELETED_ONLY: ["gone"],
        ViewType.ALL: ["gone", "kept"],
    }
    for view, names in expected.items():
        runs = here.client.search_runs([experiment], run_view_type=view, order_by=["run_name"])
        equal([run.info.run_name for run in runs], names, of=ViewType.to_string(view))


@check
def a_search_goes_across_experiments(here: Here) -> None:
    first, second = here.experiment(), here.experiment()
    here.client.create_run(first, run_name="first", start_time=1)
    here.client.create_run(second, run_name="second", start_time=2)
    runs = here.client.search_runs([first, second], order_by=["start_time"])
    equal([run.info.run_name for run in runs], ["first", "second"])


@check
def no_experiment_has_no_runs(here: Here) -> None:
    equal(here.client.search_runs([]), [])
    equal(here.client.search_runs(["99999999"]), [])
    equal(here.post("runs/search", {"experiment_ids": ["99999999"]}).body, {})


@check
def a_found_run_is_whole(here: Here) -> None:
    run = here.client.search_runs([_world(here)], "run_name = 'ada'")[0]
    equal(run.data.metrics, {"acc": 0.9, "loss": 1e-3})
    equal(run.data.params, {"lr": "0.1", "opt": "Adam"})
    equal(run.data.tags["team"], "red")
    equal(run.info.status, "FINISHED")
    equal([each.dataset.name for each in run.inputs.dataset_inputs], ["flights-ada"])


@check
def the_fluent_search_makes_a_table(here: Here) -> None:
    table = mlflow.search_runs([_world(here)], order_by=["start_time ASC"])
    equal(list(table["tags.mlflow.runName"]), list(RUNS))
    equal(table["params.lr"].tolist()[:2], ["0.1", "0.01"])
    equal(table["metrics.acc"].tolist()[:2], [0.9, 0.5])
    equal(table["status"].tolist()[:2], ["FINISHED", "FAILED"])


@check
def the_fluent_search_finds_experiments_by_name(here: Here) -> None:
    name = here.client.get_experiment(_world(here)).name
    runs = mlflow.search_runs(experiment_names=[name], output_format="list", max_results=3)
    equal([run.info.run_name for run in runs], ["zero", "dan", "cyd"])
