"""The client: what it makes of replies, what it repeats, and that nothing is made twice by it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from fakes import DROPOUT_BANK
from grader_api.calls import Caller
from grader_api.client import Client
from grader_api.errors import (
    Busy,
    CallError,
    Conflicting,
    Invalid,
    NotAllowed,
    NotThere,
    NotUnderstood,
    Refused,
    Unreachable,
)
from grader_api.problems import MEDIA_TYPE, Kind, ProblemOut
from grader_api.schemas import GradeFilters, KeyCreate, OverrideCreate, QuestionFilters, RegradeCreate, SearchCreate
from grader_api.scopes import Scope

from grader.bank.question import Bank, Question
from grader.errors import NotText
from grader.grade import Verdict
from grader.request import GradeRequest
from service.conftest import ANSWER, WRONG, Process, make_key, serving

REQUEST = GradeRequest(question_id="tiny-1", answer=ANSWER)
Reply = httpx2.Response | Exception
ROOT = {"status": "ready", "model": "m", "queue_depth": 0}


class Scripted(httpx2.BaseTransport):
    """Replies as it was told, one after the other, the last again and again; remembers what was sent."""

    def __init__(self, *replies: Callable[[], Reply]) -> None:
        self.replies, self.sent = list(replies), list[httpx2.Request]()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        reply = (self.replies.pop(0) if len(self.replies) > 1 else self.replies[0])()
        if isinstance(reply, Exception):
            raise reply
        return reply


class Losing(httpx2.BaseTransport):
    """Loses the first reply on its way, after the service has done its work."""

    def __init__(self) -> None:
        self._inner, self.lost = httpx2.HTTPTransport(), 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._inner.handle_request(request)
        if not self.lost:
            response.read()
            self.lost += 1
            raise httpx2.ReadError("the connection was lost")
        return response

    def close(self) -> None:
        self._inner.close()


def problem(kind: Kind, **headers: str) -> Callable[[], httpx2.Response]:
    document = ProblemOut(type=kind.uri, title=kind.title, status=kind.status, detail="so it is", request_id="r-1")
    content = document.model_dump_json()
    return lambda: httpx2.Response(kind.status, content=content, headers={"content-type": MEDIA_TYPE} | headers)


def fine() -> httpx2.Response:
    return httpx2.Response(200, json=ROOT)


def caller(transport: Scripted, waits: list[float], attempts: int = 5) -> Caller:
    return Caller("http://service", "key", timeout_s=60.0, attempts=attempts, transport=transport, sleep=waits.append)


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


# other libraries derive errors of their own from these, which the client never meets
FOREIGN = sorted(
    {kind for kind in subclasses(httpx2.HTTPError) if kind.__module__.partition(".")[0] == "httpx2"}
    - {httpx2.HTTPStatusError},
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_every_error_of_the_http_library_becomes_one_of_ours(kind: type[Exception]) -> None:
    expected = NotUnderstood if kind is httpx2.DecodingError else Unreachable
    with pytest.raises(expected, match=r"http://service .*: it broke"):
        caller(Scripted(lambda: kind("it broke")), [], attempts=1).call("GET", "/ready")


EXPECTED = {
    400: Invalid, 401: NotAllowed, 403: NotAllowed, 404: NotThere, 405: Refused, 408: Busy, 409: Conflicting,
    413: Invalid, 415: Invalid, 422: Invalid, 429: Busy, 500: Refused, 503: Busy,
}  # fmt: skip


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.slug)
def test_every_problem_becomes_an_error_of_its_kind(kind: Kind) -> None:
    with pytest.raises(Refused) as caught:
        caller(Scripted(problem(kind)), [], attempts=1).call("GET", "/ready")
    assert type(caught.value) is EXPECTED[kind.status]
    assert (caught.value.status, caught.value.kind, caught.value.request_id) == (kind.status, kind.uri, "r-1")
    told = str(caught.value)
    assert told == "so it is" or kind in {Kind.NOT_FOUND, Kind.INTERNAL}
    assert kind is not Kind.INTERNAL or "r-1" in told


def test_a_call_is_repeated_as_it_was_while_that_may_help() -> None:
    waits: list[float] = []
    transport = Scripted(
        lambda: httpx2.ConnectError("refused"),
        problem(Kind.QUEUE_FULL, **{"retry-after": "7"}),
        problem(Kind.IN_FLIGHT, **{"retry-after": "1"}),
        lambda: httpx2.Response(502, text="bad gateway"),
        fine,
    )
    assert json.loads(caller(transport, waits).call("POST", "/v1/grades", body=b"{}", idempotency_key="k")) == ROOT
    assert len(transport.sent) == 5
    assert {(one.headers["idempotency-key"], one.content) for one in transport.sent} == {("k", b"{}")}
    assert waits[1] >= 7
    assert all(0 < wait < 10 for wait in waits)


@pytest.mark.parametrize(
    "reply",
    [
        problem(Kind.INVALID_REQUEST),
        problem(Kind.UNAUTHENTICATED),
        problem(Kind.KEY_REUSED),
        problem(Kind.CHANGED),
        problem(Kind.INTERNAL),
        problem(Kind.RATE_LIMITED, **{"retry-after": "60"}),
        lambda: httpx2.Response(200, headers={"content-encoding": "gzip"}, content=b"no gzip"),
    ],
)
def test_what_repeating_does_not_mend_is_not_repeated(reply: Callable[[], Reply]) -> None:
    transport = Scripted(reply)
    waits: list[float] = []
    with pytest.raises(CallError):
        caller(transport, waits).call("GET", "/ready")
    assert (len(transport.sent), waits) == (1, [])


def test_a_client_gives_up_after_so_many_attempts() -> None:
    transport = Scripted(problem(Kind.UNAVAILABLE))
    with pytest.raises(Busy):
        caller(transport, [], attempts=3).call("GET", "/ready")
    assert len(transport.sent) == 3


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (httpx2.Response(404, text="<html>"), NotUnderstood),
        (httpx2.Response(422, json={"detail": "another service"}), NotUnderstood),
        (httpx2.Response(500, headers={"content-type": MEDIA_TYPE}, text="no JSON"), NotUnderstood),
        (httpx2.Response(302, headers={"location": "http://elsewhere/"}), NotUnderstood),
        (httpx2.Response(504, text="<html>"), Unreachable),
    ],
)
def test_what_is_no_service_is_told_apart_and_gets_no_key_elsewhere(
    reply: httpx2.Response, kind: type[Exception]
) -> None:
    transport = Scripted(lambda: reply)
    with pytest.raises(kind, match="http://service"):
        caller(transport, [], attempts=1).call("GET", "/ready")
    assert [str(one.url) for one in transport.sent] == ["http://service/ready"]


def test_a_newer_services_fields_are_left_out_and_missing_ones_are_told() -> None:
    with Client("http://service", transport=Scripted(lambda: httpx2.Response(200, json=ROOT | {"new": 1}))) as client:
        assert client.ready().model == "m"
    with (
        Client("http://service", transport=Scripted(lambda: httpx2.Response(200, json={"status": "ready"}))) as client,
        pytest.raises(NotUnderstood, match="no Readiness: model: Field required"),
    ):
        client.ready()


@pytest.mark.parametrize("address", ["", "nonsense", "ftp://service", "http://", "service:8000", "http://a:b"])
def test_an_address_that_is_none_is_told_at_once(address: str) -> None:
    with pytest.raises(Unreachable, match="no address"):
        Client(address)


@pytest.mark.parametrize("key", ["a\nb", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_not(key: str) -> None:
    with pytest.raises(NotAllowed, match="printable ASCII"):
        Client("http://service", key)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(f"sqlite:///{tmp_path_factory.mktemp('client') / 'grader.db'}") as running:
        yield running


@pytest.fixture
def client(server: Process) -> Iterator[Client]:
    with Client(server.address) as opened:
        yield opened


SKY = Bank(
    bank="sky",
    title="The sky",
    questions=(Question(id="sky-1", question="What colour is the sky?", references=("The sky is blue.",)),),
)


def test_a_grade_is_made_read_listed_overridden_and_made_again(client: Client) -> None:
    made = client.grade(REQUEST.model_copy(update={"candidate_id": "4711/ä"}))
    assert client.get_grade(made.id) == made
    wrong = client.grade(GradeRequest(question_id="tiny-1", answer=WRONG, candidate_id="4711/ä"))
    mine = GradeFilters(candidate_id="4711/ä", limit=1)
    assert [grade.id for grade in client.iter_grades(mine)] == [wrong.id, made.id]
    decision = OverrideCreate(author="Ada", reason="meant so", verdicts={"deactivates": Verdict.MET})
    assert client.override(wrong.id, decision).score > wrong.final.score
    assert client.get_grade(wrong.id).final.by == "person"
    again = client.regrade(RegradeCreate(question_id="tiny-1"))
    assert wrong.id in again.skipped
    assert client.erase_candidate("4711/ä").grades == 2
    assert list(client.iter_grades(mine)) == []


def test_banks_and_questions_are_put_read_searched_and_deleted(client: Client) -> None:
    kept = client.put_bank(SKY)
    assert (kept.number, kept.version) == (1, SKY.content_hash)
    assert client.get_bank("sky").document == SKY
    assert [bank.bank for bank in client.list_banks()] == ["tiny", "sky"]
    pages = QuestionFilters(limit=1)
    assert [one.id for one in client.iter_questions(pages)] == ["tiny-1", "tiny-2", "sky-1"]
    assert client.get_question("tiny-1").references == DROPOUT_BANK.questions[0].references
    assert client.search_questions(SearchCreate(query="the sky's colour")).items[0].question.id == "sky-1"
    client.delete_bank("sky")
    with pytest.raises(NotThere, match="was deleted"):
        client.get_bank("sky")
    assert client.get_bank("sky", number=1).document == SKY


def test_many_are_graded_in_order_each_with_a_result_of_its_own(client: Client) -> None:
    answers = [ANSWER, WRONG, "", ANSWER, WRONG]
    requests = [GradeRequest(question_id="tiny-1", answer=answer) for answer in answers]
    requests[3] = GradeRequest(question_id="tiny-9", answer=ANSWER)
    results = list(client.grade_many(requests, together=2, idempotency_key="many"))
    assert [one.grade.answer if one.grade else None for one in results] == [ANSWER, WRONG, "", None, WRONG]
    assert results[3].problem is not None
    assert "tiny-1" in results[3].problem.nearest
    assert list(client.grade_many(requests, together=2, idempotency_key="many")) == results
    assert list(client.grade_many([])) == []


def test_a_lost_reply_makes_no_second_grade(server: Process) -> None:
    transport = Losing()
    with Client(server.address, transport=transport) as client:
        made = client.grade(REQUEST.model_copy(update={"candidate_id": "lost"}))
        assert transport.lost == 1
        assert [grade.id for grade in client.iter_grades(GradeFilters(candidate_id="lost"))] == [made.id]


def test_a_key_whose_reply_was_lost_is_made_once_and_shown_no_more(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'grader.db'}"
    admin = make_key(url, "admin")["Authorization"].removeprefix("Bearer ")
    with serving(url) as running, Client(running.address, admin, transport=Losing()) as client:
        made = client.create_key(KeyCreate(name="lost", scopes=(Scope.READ,)))
        assert (made.name, made.scopes, made.key) == ("lost", (Scope.READ,), None)
        assert [key.id for key in client.list_keys()][1:] == [made.id]
        assert client.revoke_key(made.id).revoked_at is not None
        with pytest.raises(NotThere, match=f"no valid key has the id {made.id}"):
            client.revoke_key(made.id)


def test_what_is_made_of_a_whole_table_is_waited_for_longer() -> None:
    transport = Scripted(fine, fine, lambda: httpx2.Response(200, stream=httpx2.ByteStream(b"a,b")))
    client = caller(transport, [])
    client.call("GET", "/ready")
    client.call("GET", "/v1/batches/b/figures", of_a_table=True)
    client.download("/v1/batches/b/output", io.BytesIO())
    short, *long = [request.extensions["timeout"]["read"] for request in transport.sent]
    assert len(long) == 2
    assert min(long) >= 5 * short


def test_refusals_carry_what_the_service_says(client: Client) -> None:
    with pytest.raises(NotThere) as unknown:
        client.grade(GradeRequest(question_id="tiny-9", answer="x"))
    assert "tiny-1" in unknown.value.nearest
    strange = OverrideCreate(author="Ada", reason="so", verdicts={"a": Verdict.MET, "b": Verdict.MET})
    made = client.grade(REQUEST)
    with pytest.raises(Invalid) as invalid:
        client.override(made.id, strange)
    assert {fault.path for fault in invalid.value.faults} == {"verdicts.a", "verdicts.b"}
    assert all(fault.path in str(invalid.value) for fault in invalid.value.faults)
    with pytest.raises(NotThere):
        client.get_grade("../banks/tiny?x=1#y")
    with pytest.raises(NotText):
        client.grade(GradeRequest(question_id="tiny-1", answer="\ud800"))


def test_a_key_opens_what_its_scopes_allow(sqlite_url: str) -> None:
    reader = make_key(sqlite_url, "read", "grade")["Authorization"].removeprefix("Bearer ")
    with serving(sqlite_url) as running:
        with Client(running.address) as stranger, pytest.raises(NotAllowed, match="send a key"):
            stranger.list_banks()
        with Client(running.address, reader) as client:
            assert client.get_bank("tiny").document is None
            assert client.get_question("tiny-1").references is None
            with pytest.raises(NotAllowed, match="lacks the scope author"):
                client.put_bank(SKY)
