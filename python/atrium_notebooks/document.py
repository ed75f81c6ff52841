"""A notebook as its file says it, and what a run writes into it: parameters, cells' states and outputs."""

import json
import uuid
from datetime import datetime, timezone

_PARAMETERS, _INJECTED = "parameters", "injected-parameters"


class BrokenNotebook(Exception):
    pass


def read(text: str) -> dict:
    try:
        notebook = json.loads(text)
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError) as broken:
        raise BrokenNotebook(f"This is no notebook: {broken}") from broken
    if notebook.get("nbformat") != 4 or not isinstance(cells, list):
        raise BrokenNotebook("Only notebooks of format 4 are run; save it again in JupyterLab.")
    for cell in cells:
        cell["source"] = text_of(cell.get("source", ""))
        cell.setdefault("metadata", {})
        if cell.get("cell_type") == "code":
            cell.update(outputs=[], execution_count=None)
            _states(cell).update(status="pending", start_time=None, end_time=None, exception=None)
    notebook.setdefault("metadata", {})
    return notebook


def inject(notebook: dict, parameters: dict) -> None:
    """As papermill does: behind the cell that is tagged `parameters`, in place of what a former run put there, else at the top."""
    if not parameters:
        return
    cells = notebook["cells"]
    lines = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    injected = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": [_INJECTED], "papermill": {"status": "pending"}},
        "outputs": [],
        "source": f"# Parameters\n{lines}",
    }
    if notebook.get("nbformat_minor", 0) >= 5:
        injected["id"] = uuid.uuid4().hex[:8]
    former = _index_of(cells, _INJECTED)
    if former is not None:
        cells[former] = injected
        return
    declared = _index_of(cells, _PARAMETERS)
    cells.insert(0 if declared is None else declared + 1, injected)


def mark(cell: dict, status: str) -> None:
    """`running`, `completed`, `failed` or `cancelled`, with the time of it."""
    states = _states(cell)
    states["status"] = status
    states["start_time" if status == "running" else "end_time"] = datetime.now(timezone.utc).isoformat()
    states["exception"] = status == "failed"


def add_output(cell: dict, kind: str, content: dict) -> dict | None:
    """Appends what a kernel said; pieces of one stream become one output. Answers with the output, if it is one."""
    outputs = cell["outputs"]
    if kind == "stream":
        last = outputs[-1] if outputs else None
        if last is not None and last["output_type"] == "stream" and last["name"] == content["name"]:
            last["text"] += content["text"]
            return last
        outputs.append({"output_type": "stream", "name": content["name"], "text": content["text"]})
    elif kind in ("display_data", "execute_result"):
        output = {"output_type": kind, "data": content["data"], "metadata": content.get("metadata", {})}
        if kind == "execute_result":
            output["execution_count"] = content.get("execution_count")
        outputs.append(output)
    elif kind == "error":
        outputs.append({"output_type": "error", **{name: content[name] for name in ("ename", "evalue", "traceback")}})
    else:
        return None
    return outputs[-1]


def code_cells(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]


def text_of(source) -> str:
    return "".join(source) if isinstance(source, list) else str(source)


def _states(cell: dict) -> dict:
    return cell["metadata"].setdefault("papermill", {})


def _index_of(cells: list[dict], tag: str) -> int | None:
    for index, cell in enumerate(cells):
        if tag in cell["metadata"].get("tags", []):
            return index
    return None
