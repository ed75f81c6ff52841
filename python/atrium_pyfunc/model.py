"""One loaded model: requests that fit together are one call of it."""


import inspect
import traceback

import mlflow.pyfunc

from atrium_pyfunc import frames, payloads, tensors
from atrium_pyfunc.worker import words_of


class Model:
    """A model folder of the pyfunc flavour."""

    def __init__(self, folder, rows_max):
        self._model = mlflow.pyfunc.load_model(folder)
        self._rows_max = rows_max
        self._takes_params = "params" in inspect.signature(self._model.predict).parameters
        self._merges = True
        self.signature = tensors.signature_of(self._model.metadata)

    def warm_up(self, example):
        """Answers a request as a client would send it. Raises what the model says."""
        request = payloads.parse(frames.Item("json", body=example), self._model.metadata)
        payloads.json_of(self._predict([request]), request.form)

    def answer(self, items):
        """An answer for each item, in their order; nothing is raised."""
        answers = [None] * len(items)
        groups = {}
        for at, item in enumerate(items):
            try:
                request = payloads.parse(item, self._model.metadata)
                groups.setdefault(at if request.key is None else request.key, []).append((at, request))
            except BaseException as thrown:
                answers[at] = _error(thrown)
        for members in groups.values():
            for chunk in self._chunks(members):
                places, requests = zip(*chunk)
                for at, answer in zip(places, self._answer_together(list(requests))):
                    answers[at] = answer
        return answers

    def _chunks(self, members):
        """Pieces of at most so many rows; a request of more stands alone."""
        chunk, rows = [], 0
        for at, request in members:
            if chunk and rows + request.rows > self._rows_max:
                yield chunk
                chunk, rows = [], 0
            chunk.append((at, request))
            rows += request.rows
        yield chunk

    def _answer_together(self, requests):
        if len(requests) > 1 and self._merges:
            try:
                pieces = payloads.split(self._predict(requests), [request.rows for request in requests])
            except BaseException:
                # One of them cannot be answered: each runs by itself, and gets its own words.
                return [self._answer_alone(request) for request in requests]
            if pieces is not None:
                return [_encode(piece, request) for piece, request in zip(pieces, requests)]
            self._merges = False  # It answers something else than a row for each row: never again.
        return [self._answer_alone(request) for request in requests]

    def _answer_alone(self, request):
        try:
            return _encode(self._predict([request]), request)
        except BaseException as thrown:
            traceback.print_exc()
            return _error(thrown)

    def _predict(self, requests):
        data = payloads.merge(requests, self._model.metadata)
        if self._takes_params:
            return self._model.predict(data, params=requests[0].params)
        return self._model.predict(data)


def _encode(result, request):
    if request.form == "tensors":
        return frames.answer_of_tensors(tensors.tensors_of(result))
    return frames.answer_of_body(payloads.json_of(result, request.form))


def _error(thrown):
    if isinstance(thrown, MemoryError):
        return frames.answer_of_error("exhausted", "The model ran out of memory on this request.")
    return frames.answer_of_error("invalid", words_of(thrown))
