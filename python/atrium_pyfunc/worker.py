"""Reads batches, predicts, answers; one at a time, on the main thread, where models expect to be."""

import json
import os
import socket
import sys
import traceback

from atrium_pyfunc import frames, guard

_SERVER_FD = 3  # The socket pair that the server opened for us.
_MESSAGE_CHARACTERS_MAX = 2000  # MLflow repeats the whole request in some of its errors.
_EXAMPLE = "serving_input_example.json"


def main():
    server = socket.socket(fileno=_SERVER_FD)
    server.set_inheritable(False)
    connection = frames.Connection(server)
    try:
        kind, body = connection.read()
        assert kind == frames.START
        start = json.loads(bytes(body))
        guard.end_with_server(server, start["serverPid"])
        guard.limit_memory(start["memoryMiB"])
        assert connection.read()[0] == frames.LOAD
        model = _load(connection, start)
        while True:
            _, body = connection.read()
            number, items = frames.read_batch(body)
            connection.write(frames.ANSWER, frames.answers_body(number, model.answer(items)))
    except frames.Closed:
        pass
    finally:
        sys.stdout.flush()
        # Threads and exit handlers of a model could keep a finished worker alive.
        os._exit(0)


def _load(connection, start):
    """The model, loaded and warm; or the reason why there is none, and the end of this process."""
    try:
        from atrium_pyfunc.model import Model

        model = Model(start["model"], start["rowsMax"])
        example = os.path.join(start["model"], _EXAMPLE)
        if os.path.exists(example):
            with open(example, "rb") as file:
                model.warm_up(file.read())
        connection.write_json(frames.READY, model.signature)
        return model
    except MemoryError:
        _refuse(connection, "exhausted", f"The model needs more than {start['memoryMiB']} MiB.")
    except BaseException as thrown:
        traceback.print_exc()
        _refuse(connection, "invalid", words_of(thrown))


def _refuse(connection, code, message):
    sys.stdout.flush()
    connection.write_json(frames.REFUSED, {"code": code, "message": message})
    try:
        connection.read()
    finally:
        os._exit(1)


def words_of(thrown):
    """What an exception says, in one message of a bounded length."""
    message = str(getattr(thrown, "message", None) or thrown)
    text = message if type(thrown).__name__ == "MlflowException" else f"{type(thrown).__name__}: {message}"
    return text if len(text) <= _MESSAGE_CHARACTERS_MAX else f"{text[:_MESSAGE_CHARACTERS_MAX]}…"
