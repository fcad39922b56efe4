"""Workers: pieces of long work done here, in processes of this machine or on a Dask cluster, with the same figures."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from zhiyu import methods, plugins, store
from zhiyu.terms import Place, Refusal

if TYPE_CHECKING:
    from distributed import Client, Future

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 10  # seconds to wait for a scheduler, and for a worker where there is none
LIVES = 3  # times that all workers may end, one after the other, before a piece of work is done
# what says nothing about the data or the question: nobody is there to do the work, or nowhere to keep it
MACHINERY = frozenset(
    {"cannot_write", "cluster_address", "cluster_package", "cluster_silent", "cluster_other_code"}
    | {"workers_lost", "workers_plugins"}
)


def mapped(
    work: Callable[[Any, T], R],
    about: Any,
    tasks: Mapping[str, T],
    workers: int = 1,
    cluster: str = "",
    found: Callable[[str], R | None] | None = None,
    keep: Callable[[str, R], None] | None = None,
) -> dict[str, R]:
    """work(about, task) of every task by its key, here, in local processes or on a cluster: the same numbers.

    Tasks are what they are whatever runs them, so that the number of workers moves no figure. What `found` has of a
    run before is not done again; `keep` is told of each result as soon as it is there. On a cluster others do
    the work of a worker that ends; a run that is interrupted leaves none of its tasks waiting there.

    Parameters
    ----------
    about : what all tasks share, sent to each worker once
    workers : processes of this machine; 1 = this one
    cluster : address of a Dask scheduler, "tcp://host:port", in place of them; needs the package `distributed`

    Raises
    ------
    Refusal
        For a cluster without the package, one that does not answer or whose workers run other code; for workers where
        the study has plugin files; where a process of this machine ends before its work is done, where a piece of work
        ends one worker of a cluster after the other, and where no worker is left there.
    """
    done: dict[str, R] = {}
    for key in tasks:
        kept = found(key) if found is not None else None
        if kept is not None:
            done[key] = kept
    left = {key: task for key, task in tasks.items() if key not in done}
    for key, result in _run(work, about, left, workers, cluster):
        done[key] = result
        if keep is not None:
            keep(key, result)
    return {key: done[key] for key in tasks}


def _run(
    work: Callable[[Any, T], R], about: Any, tasks: Mapping[str, T], workers: int, cluster: str
) -> Iterator[tuple[str, R]]:
    if tasks and cluster:
        _refuse_plugins(Place(key=f'cluster = "{cluster}"'))
        yield from _on_cluster(work, about, tasks, cluster)
    elif workers > 1 and len(tasks) > 1:
        _refuse_plugins(Place(key=f"workers = {workers}"))
        yield from _in_processes(work, about, tasks, workers)
    else:
        for key, task in tasks.items():
            yield key, work(about, task)


def _in_processes(
    work: Callable[[Any, T], R], about: Any, tasks: Mapping[str, T], workers: int
) -> Iterator[tuple[str, R]]:
    from multiprocessing import get_context

    # spawned, not forked: a fork of a process whose numerical library has threads may hang
    pool = ProcessPoolExecutor(min(workers, len(tasks)), get_context("spawn"), _remember, (work, about))
    try:
        names = {pool.submit(_recalled, task): key for key, task in tasks.items()}
        for future in as_completed(names):
            yield names[future], future.result()
    except BrokenProcessPool as trouble:
        raise Refusal("workers_lost", Place(key=f"workers = {workers}"), why=type(trouble).__name__) from trouble
    finally:
        pool.shutdown(cancel_futures=True)


_REMEMBERED: list[Any] = []


def _remember(work: Callable[[Any, Any], Any], about: Any) -> None:
    # Ctrl-C reaches all processes of a terminal: only the one that shares out the work answers it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    plugins.load_installed()
    _REMEMBERED[:] = [work, about]


def _recalled(task: Any) -> Any:
    work, about = _REMEMBERED
    return work(about, task)


def _on_cluster(
    work: Callable[[Any, T], R], about: Any, tasks: Mapping[str, T], cluster: str
) -> Iterator[tuple[str, R]]:
    place = Place(key=f'cluster = "{cluster}"')
    left, lives = dict(tasks), LIVES
    with _client(cluster, place) as client:
        while left:
            try:
                for key, future in _finished(client, work, about, left, place):
                    result = _result(future, place)
                    del left[key]
                    lives = LIVES
                    yield key, result
            except CancelledError as trouble:  # all workers that had what the tasks share are gone: it is sent again
                lives -= 1
                if not lives:
                    raise Refusal("workers_lost", place, why=type(trouble).__name__) from trouble


def _finished(
    client: Client, work: Callable[[Any, T], R], about: Any, tasks: Mapping[str, T], place: Place
) -> Iterator[tuple[str, Future[Any]]]:
    """Tasks by their keys as they end, well or not; a worker keeps no result that was fetched."""
    done: SimpleQueue[Future[Any]] = SimpleQueue()
    with _losing(place):
        client.wait_for_workers(1, timeout=PATIENCE)
        # in a list, for of a tuple or mapping each item would be sent by itself
        (shared,) = client.scatter([about], broadcast=True, hash=False)
        names = {client.submit(_signed, work, shared, task, pure=False): key for key, task in tasks.items()}
        for future in names:
            future.add_done_callback(done.put)
    while names:
        try:
            future = done.get(timeout=PATIENCE)
        except Empty:
            with _losing(place):
                client.wait_for_workers(1, timeout=PATIENCE)
        else:
            yield names.pop(future), future


def _signed(work: Callable[[Any, T], R], about: Any, task: T) -> tuple[str, dict[str, str], R]:
    """A result with the worker and the code that it is from."""
    from distributed import get_worker

    return get_worker().address, _code_here(), work(about, task)


def _result(future: Future[Any], place: Place) -> Any:
    """The result of a task that ended, or what its work raised.

    A worker may have joined after the others were looked at, so that its code is looked at here. One without this
    package ends by itself, as it cannot read a task, and others do that.
    """
    from distributed import KilledWorker

    if future.status == "error" and not isinstance(future.exception(), KilledWorker):
        return future.result()
    with _losing(place):
        address, theirs, result = future.result()
    if theirs != _code_here():
        _refuse_other_code({address: theirs}, place)
    return result


@contextmanager
def _losing(place: Place) -> Iterator[None]:
    """A cluster that is lost, as a refusal."""
    from distributed import KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except (KilledWorker, CommClosedError, OSError, TimeoutError) as trouble:
        raise Refusal("workers_lost", place, why=_first_line(trouble)) from trouble


@contextmanager
def _client(cluster: str, place: Place) -> Iterator[Client]:
    """A client of a scheduler that answers, with workers that compute as this process does."""
    try:
        from distributed import Client, Security
    except ImportError as trouble:
        raise Refusal("cluster_package", place) from trouble
    _knock(cluster, place)
    if cluster.startswith("tls:") and Security().get_connection_args("client")["ssl_context"] is None:
        raise Refusal("cluster_silent", place, why="TLS: no certificate")
    try:
        client = Client(cluster, timeout=f"{PATIENCE}s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as trouble:
        raise Refusal("cluster_silent", place, why=_first_line(trouble)) from trouble
    try:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as trouble:
            raise Refusal("cluster_silent", place, why=_first_line(trouble)) from trouble
        _refuse_other_code(client.run(code, on_error="return"), place)
        yield client
    finally:
        client.close()


def _knock(cluster: str, place: Place) -> None:
    """Refuses at once an address at which no scheduler speaks: a client would try for long, or for ever.

    A scheduler speaks first, so that one byte tells it from a web server.
    """
    import socket
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(cluster)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or port is None or parts.scheme not in ("tcp", "tls"):
        raise Refusal("cluster_address", place)
    try:
        with socket.create_connection((host, port), timeout=PATIENCE) as line:
            if parts.scheme == "tcp" and not line.recv(1):
                raise ConnectionResetError("closed")
    except OSError as trouble:
        raise Refusal("cluster_silent", place, why=_first_line(trouble.strerror or trouble)) from trouble


def code() -> dict[str, str]:
    """What the figures of a process hang on: this package, others' methods, and the libraries that compute."""
    plugins.load_installed()
    libraries = {name: version(name) for name in ("numpy", "scipy")}
    return {"zhiyu": store.code_hash()[:12], **libraries, "methods": store.digest(*sorted(_others()))[:12]}


@cache
def _code_here() -> dict[str, str]:
    """`code()` of this process, found once: a task may take less time than to find it."""
    return code()


def _others() -> dict[str, str]:
    """Methods that are not this package's own, kind.name -> module."""
    known = [one for named in methods.REGISTRY.values() for one in named.values()]
    modules = {f"{one.kind}.{one.name}": one.function.__module__ for one in known}
    return {name: module for name, module in modules.items() if module.partition(".")[0] != "zhiyu"}


def _refuse_plugins(place: Place) -> None:
    """The user consented to a plugin file in this process; no other has it."""
    from_files = sorted(name for name, module in _others().items() if module.startswith(plugins.PREFIX))
    if from_files:
        raise Refusal("workers_plugins", place, names=", ".join(from_files))


def _refuse_other_code(answers: Mapping[str, Any], place: Place) -> None:
    """answers : address of a worker -> its `code()`, or the error of one that does not even have this package."""
    ours = code()
    for address, theirs in answers.items():
        found = theirs if isinstance(theirs, dict) else {"zhiyu": _first_line(theirs)}
        other = [f"{name} {found[name]}" for name in found if found[name] != ours[name]]
        if other:
            raise Refusal("cluster_other_code", place, worker=address, found=", ".join(other))


def _first_line(trouble: object) -> str:
    return (str(trouble).strip().splitlines() or [type(trouble).__name__])[0][:120]
