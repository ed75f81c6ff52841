"""The chain of no-op steps that bench/steps.ts times: compiled, run by the SDK's local runner, or one step bare."""

import json
import os
import sys
import tempfile
import time
import warnings

warnings.simplefilter("ignore")


def chain(length: int):
    from kfp import dsl

    @dsl.component
    def noop(i: int) -> int:
        return i

    @dsl.pipeline(name="chain")
    def steps():
        before = noop(i=0)
        for _ in range(length - 1):
            before = noop(i=before.output)

    return steps


def compiled(length: int, path: str) -> None:
    from kfp import compiler

    compiler.Compiler().compile(chain(length), path)


def locally(length: int) -> None:
    from kfp import local

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        local.init(runner=local.SubprocessRunner(use_venv=True))
        pipeline = chain(length)
        begun = time.perf_counter()
        pipeline()
        print(json.dumps({"perStepMs": (time.perf_counter() - begun) * 1000 / length}))


if __name__ == "__main__":
    if sys.argv[1] == "compile":
        compiled(int(sys.argv[2]), sys.argv[3])
    else:
        locally(int(sys.argv[2]))
