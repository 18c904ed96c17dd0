"""The documentation says all that there is, and nothing else: its tables are held to the code, its examples are run."""

from __future__ import annotations

import ast
import inspect
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any, get_origin, get_type_hints
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from pydantic import BaseModel

import jobrunner
from jobrunner import Backoff, Context, Registry, Stage, SyncContext, Upload, job, wire
from jobrunner.access.tokens import Tokens
from jobrunner.cli import main
from jobrunner.cli.arguments import parse
from jobrunner.cli.main import FAILED, INTERRUPTED, UNREACHABLE, USAGE
from jobrunner.client import Client
from jobrunner.config import Settings, load
from jobrunner.config.schema import kind_at
from jobrunner.engine import selection
from jobrunner.engine.changes import MOST_WAITING
from jobrunner.engine.clock import SystemClock
from jobrunner.engine.scopes import PartScope
from jobrunner.errors import RequestError
from jobrunner.model.document import DEEPEST
from jobrunner.model.subject import ADMIN, LOCAL, Action, Kind
from jobrunner.web import bulk, cors, events, feed, multipart, prefer, query, sse, submission
from jobrunner.web import tokens as tokens_over_http
from jobrunner.web.routes import ROUTES
from jobrunner.web.rules import ATTEMPTS, GIVEN_FILE, ISSUERS, OPEN, OPERATORS, SIGNED_IN, Rule
from jobrunner.wire.templates import TemplateData
from tests.documents import ALL, API, CONFIGURATION, HANDLERS, PROMISES, RIGHTS, ROOT, Document, code, query_parameters

PACKAGE = ROOT / "jobrunner"
each_document = pytest.mark.parametrize("document", ALL, ids=repr)


def calls(folder: str) -> Iterator[tuple[str, ast.Call]]:
    """Go through the calls in a folder of the package, with the last name of what is called."""
    for file in sorted((PACKAGE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func).rpartition(".")[2], node


def words(node: ast.expr) -> set[str]:
    """Return the texts that an argument may be."""
    if isinstance(node, ast.IfExp):
        return words(node.body) | words(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


class TestHandlers:
    def test_every_public_name_is_documented(self) -> None:
        assert HANDLERS.names("`jobrunner`") == set(jobrunner.__all__)

    def test_every_option_of_job_is_documented_with_its_default(self) -> None:
        parameters = inspect.signature(job).parameters
        documented = {name: cell for name, cell, *_ in HANDLERS.rows("`@job`")}
        assert set(documented) == {f"`{name}`" for name in parameters}
        for name, parameter in parameters.items():
            literal = code(documented[f"`{name}`"])
            if literal:
                assert ast.literal_eval(literal[0]) == parameter.default, name
            else:
                assert parameter.default is inspect.Parameter.empty or isinstance(parameter.default, Registry), name

    def test_every_public_member_of_a_context_is_documented(self) -> None:
        held = set(re.findall(r"self\.([a-z]\w*) =", inspect.getsource(SyncContext.__init__)))
        assert HANDLERS.names("`Context`") == public(Context) | held

    @pytest.mark.parametrize(
        ("header", "names"),
        [
            ("`Upload`", {field.name for field in fields(Upload)}),
            ("`Stage`", {field.name for field in fields(Stage)}),
            ("`Backoff`", {field.name for field in fields(Backoff)}),
            ("`context.part(key)`", public(PartScope)),
        ],
    )
    def test_every_member_is_documented(self, header: str, names: set[str]) -> None:
        assert HANDLERS.names(header) == names

    @pytest.mark.parametrize(("header", "kind"), [("`Context`", Context), ("`context.part(key)`", PartScope)])
    def test_every_documented_call_takes_these_arguments(self, header: str, kind: type) -> None:
        calls = [call.partition("(") for row in HANDLERS.rows(header) for call in code(row[0]) if "(" in call]
        for name, _, given in calls:
            named = inspect.signature(getattr(kind, name)).parameters.values()
            expected = [each.name for each in named if each.kind not in {each.VAR_POSITIONAL, each.VAR_KEYWORD}]
            assert re.findall(r"\w+", given) == expected[1:], name

    def test_the_defaults_of_the_backoff_are_its_own(self) -> None:
        documented = {name: ast.literal_eval(default) for name, default in HANDLERS.table("`Backoff`").items()}
        assert Backoff(**documented) == Backoff()


class TestApi:
    def test_every_route_is_documented_and_every_documented_route_exists(self) -> None:
        documented = [(method, *code(path)) for method, path, _ in API.rows("method", "path")]
        assert sorted(documented) == sorted((method, path) for method, path, *_ in ROUTES)

    def test_every_problem_is_documented_with_its_status(self) -> None:
        def leaves(kind: type[RequestError]) -> Iterator[type[RequestError]]:
            below = kind.__subclasses__()
            yield from [leaf for each in below for leaf in leaves(each)] if below else [kind]

        expected = {each.code: str(each.status) for each in leaves(RequestError)}
        assert API.table("code", "status") == expected | {"internal": "500"}

    def test_every_error_code_that_the_engine_gives_a_job_is_documented(self) -> None:
        places = {"Failure": 0, "_failed": 1, "JobError": 0}
        default = inspect.signature(job).parameters["default_error_code"].default
        found = {default: "yes"}
        for name, call in calls("engine"):
            for error in words(call.args[places[name]]) if name in places and len(call.args) > places[name] else ():
                said = retryable(name, call)
                found[error] = said if found.get(error, said) == said else "depends"
        assert {"TIMEOUT", "BAD_PAYLOAD", "MISSING_UPLOAD"} < found.keys()
        assert API.table("code", "`retryable`") == found

    def test_every_event_of_the_streams_is_documented(self) -> None:
        sent = (
            words(call.args[0]) for name, call in calls("web") if name in {"event", "send", "_start_over"} and call.args
        )
        assert API.names("event") == set().union(*sent)

    def test_every_member_of_a_submission_is_documented(self) -> None:
        assert API.names("member") == set(submission.Envelope.model_fields)

    def test_every_limit_is_the_one_that_is_kept(self) -> None:
        limits: Mapping[str, float] = {
            "jobs in a bulk submission": bulk.MOST_JOBS,
            "jobs changed by a filter": selection.MOST_JOBS,
            "refused ones of them that are told": selection.MOST_TOLD,
            "jobs in a page": feed.PAGE,
            "bytes of a page of changes": feed.PAGE_BYTES,
            "filters in a union": events.MOST_FILTERS,
            "values of a member of a filter as JSON": query.MOST_VALUES,
            "characters of a parameter": query.LONGEST,
            "files of a job sent with its submission": multipart.MOST_FILES,
            "levels of JSON": DEEPEST,
            "seconds of `Prefer: wait`": prefer.LONGEST_S,
            "seconds between pings": events.PING_S,
            "seconds of a write that nobody reads": sse.STUCK_S,
            "states that wait for a slow reader": MOST_WAITING,
        }
        assert API.rows("what", "at most") == [(name, f"{limit:,.0f}") for name, limit in limits.items()]

    def test_every_method_of_the_python_client_is_documented(self) -> None:
        assert API.names("`Client`") == public(Client)


class TestRights:
    def test_every_route_is_documented_with_who_may_use_it_and_by_which_right(self) -> None:
        documented = {(method, *code(path)): (who, right) for method, path, who, right in RIGHTS.rows("method", "path")}
        assert documented == {(method, path): (who(rule), right(rule)) for method, path, rule, _ in ROUTES}

    def test_every_right_is_documented(self) -> None:
        assert RIGHTS.names("word") == {*Action, f"{Action.SUBMIT}:TYPE", ADMIN}

    async def test_the_examples_of_tokens_are_believed_as_they_are_meant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        secret = "s" * 32
        monkeypatch.setenv("JOBRUNNER_JWT_SECRET", secret)
        settings = load(None, environ={"JOBRUNNER_AUTH__JWT_SECRETS": "env:X", "X": secret}).auth
        tokens = Tokens(SystemClock(), b"o" * 32, settings, None)
        (claims,), (program,) = map(json.loads, RIGHTS.blocks("json")), RIGHTS.blocks("python")
        names: dict[str, Any] = {}
        exec(program, names)
        for text in (jwt.encode({**claims, "exp": time.time() + 9}, secret, "HS256"), names["token_for"]("anna")):
            subject = await tokens.read(text)
            assert (subject.kind, subject.user_id) == (Kind.USER, "anna")
            assert subject.may_submit("greet")
            assert not subject.may_submit("other")

    def test_the_examples_of_requests_and_answers_have_the_members_that_are_taken_and_sent(self) -> None:
        found = [json.loads(block) for block in API.blocks("json")]
        tokens_over_http.Wish.model_validate(next(each for each in found if "expires_in" in each))
        shapes: list[tuple[str, Any]] = [
            ("updated_at", TemplateData), ("token", wire.TokenData), ("url", wire.LinkData), ("key", wire.NewKeyData),
            ("via", wire.WhoAmI),
        ]  # fmt: skip
        for mark, kind in shapes:
            assert next(each for each in found if mark in each).keys() == get_type_hints(kind).keys(), kind
        (session,) = next(each for each in found if "sessions" in each)["sessions"]
        assert session.keys() == wire.SessionData.__annotations__.keys()
        for act in next(each for each in found if "history" in each)["history"]:
            assert act.keys() == wire.ActData.__annotations__.keys()

    def test_what_other_origins_may_is_documented(self) -> None:
        said = set(code(API.paragraph("**CORS.**")))
        assert {cors.ALLOWED_HEADERS, cors.ALLOWED_METHODS, cors.EXPOSED_HEADERS} <= said
        assert f"{cors.MAX_AGE_S:,} s" in API.paragraph("**CORS.**")


def who(rule: Rule) -> str:
    """Return of whom a route takes requests, in the words of the documentation."""
    if rule.is_page:
        return "operators; others have to sign in"
    words = {
        OPEN.kinds: "everybody",
        SIGNED_IN.kinds: "all who are known",
        ISSUERS.kinds: "operators, applications",
        OPERATORS.kinds: "operators",
        ATTEMPTS.kinds: "the attempt",
        GIVEN_FILE.kinds: "all who are known, the attempt",
    }
    return words[rule.kinds]


def right(rule: Rule) -> str:
    """Return the right that a route needs, in the words of the documentation."""
    needed = "\N{EN DASH}" if rule.action is None else f"`{rule.action}`"
    return f"{needed} or a link" if rule.by_link else needed


class TestConfiguration:
    def test_every_setting_is_documented_with_its_default(self, tmp_path: Path) -> None:
        documented = CONFIGURATION.table("setting", "default")
        assert sorted(documented) == sorted(".".join(key) for key in settings_below(()))
        tables = (
            "auth", "limits.users.NAME", "queues.NAME", "types.NAME.backoff", "types.NAME.limits",
            "types.NAME.payload.NAME",
        )  # fmt: skip
        bare = self.read(tmp_path, "\n".join(f"[{table}]" for table in tables))
        for name, default in documented.items():
            if default in {"none", "as @job", "as [limits]"}:
                assert value_at(bare, name) is None, name
            else:
                assert value_at(self.read(tmp_path, f"{name} = {default}"), name) == value_at(bare, name), name

    def read(self, directory: Path, text: str) -> Settings:
        (directory / "config.toml").write_text(text)
        return load(
            directory / "config.toml",
            environ=dict.fromkeys(("JOBRUNNER_JWT_SECRET", "JOBRUNNER_ADMISSION_SECRET", "ANALYSIS_TOKEN"), "x" * 32),
        )

    @each_document
    def test_every_block_of_toml_can_be_loaded(self, document: Document, tmp_path: Path) -> None:
        for block in document.blocks("toml"):
            self.read(tmp_path, block)

    def test_every_example_of_the_environment_can_be_loaded(self) -> None:
        examples = re.findall(r"(JOBRUNNER_[A-Z]+__[A-Z_]+)=([^`\s]+)", CONFIGURATION.text)
        assert len(examples) > 3
        assert load(None, environ=dict(examples)) != Settings()

    def test_every_command_and_option_is_documented(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "200")
        documented = {code(row[0])[0]: " ".join(code(row[1])) for row in CONFIGURATION.rows("command")}
        assert main(["--help"]) == 0
        assert set(documented) == set(re.findall(r"^    (\w+)  ", capsys.readouterr().out, re.MULTILINE))
        for command, options in documented.items():
            assert main([command, "--help"]) == 0
            help_ = capsys.readouterr().out
            given = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", help_, re.MULTILINE)) - {"--url", "--json", "--help"}
            assert set(re.findall(r"--[\w-]+", options)) == given - {"-h"}, command
            assert options.split("--")[0].split() == re.findall(r"^positional arguments:\n  (\w+)", help_, re.MULTILINE)

    def test_every_exit_code_is_documented(self) -> None:
        codes = [0, FAILED, USAGE, UNREACHABLE, INTERRUPTED]
        assert [row[0] for row in CONFIGURATION.rows("exit code")] == [str(each) for each in codes]

    def test_every_variable_of_the_environment_that_is_no_setting_is_documented(self) -> None:
        source = "".join(file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py"))
        assert CONFIGURATION.names("environment") == set(re.findall(r'environ\.get\("(\w+)"\)', source))


def retryable(name: str, call: ast.Call) -> str:
    """Return what a call says of whether the same could succeed if it were tried again."""
    given = {each.arg: ast.unparse(each.value) for each in call.keywords}
    fourth = [ast.unparse(each) for each in call.args[3:4]] if name == "Failure" else []
    said = given.get("retryable") or next(iter(fourth), "True")
    return {"True": "yes", "False": "no"}.get(said, "depends")


def settings_below(key: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Go through the keys of all settings, NAME standing for any name of a queue, a type or a user."""
    kind = kind_at(key)
    if get_origin(kind) is Mapping:
        yield from settings_below((*key, "NAME"))
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name in kind.model_fields:
            yield from settings_below((*key, name))
    else:
        yield key


def value_at(settings: Any, name: str) -> Any:
    for step in name.split("."):
        settings = settings.get(step) if isinstance(settings, Mapping) else getattr(settings, step)
    return settings


class TestText:
    @each_document
    def test_every_link_leads_somewhere(self, document: Document) -> None:
        for link in document.links():
            path, _, anchor = link.partition("#")
            if "//" not in link:
                target = document.file.parent / path if path else document.file
                assert target.exists(), link
                assert not anchor or anchor in Document(target).anchors(), link

    def test_every_promise_names_tests_that_exist(self) -> None:
        known = dict(re.findall(r"^(\[[^\]]+\]): (\S+)$", PROMISES.text, re.MULTILINE))
        for place in (PROMISES.file.parent / path for path in known.values()):
            assert place.is_file() or list(place.glob("test_*.py")), place
        for header in ("what happens", "promise"):
            for row in PROMISES.rows(header):
                held = set(re.findall(r"\[[^\]]+\]", row[-1]))
                assert held, row
                assert held <= known.keys(), row

    @each_document
    def test_every_block_of_json_is_json(self, document: Document) -> None:
        for block in document.blocks("json"):
            json.loads(block)

    def test_the_examples_of_json_have_the_members_that_are_sent(self) -> None:
        found = [json.loads(block) for block in API.blocks("json")]
        whole = next(each for each in found if "cursor" in each)
        assert whole.keys() == wire.JobData.__annotations__.keys()
        pieces: list[tuple[Any, Any]] = [
            (whole["uploads"][0], wire.UploadData),
            (whole["progress_data"], wire.ProgressData),
            (whole["stages"][0], wire.StageData),
            (whole["parts"][0], wire.PartData),
            (whole["error_data"], wire.ErrorData),
            (whole["artifacts"][0], wire.ArtifactData),
            (next(each for each in found if "lines" in each)["lines"][0], wire.LogLine),
            (next(each for each in found if "attempts" in each)["attempts"][0], wire.AttemptData),
        ]
        for piece, kind in pieces:
            assert piece.keys() == kind.__annotations__.keys(), kind

    def test_the_examples_of_submissions_and_filters_are_accepted(self) -> None:
        found = [json.loads(block) for block in API.blocks("json")]
        single = [each for each in found if "type" in each and "payload" in each and "status" not in each]
        many = [each for each in found if "atomic" in each]
        assert single
        assert many
        for each in (*single, *many[0]["jobs"]):
            submission.submission_of(each, 0, LOCAL)
        for one in next(each for each in found if "any" in each)["any"]:
            query.filter_of(one, "/any")

    @each_document
    def test_every_command_line_can_be_read(self, document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(ROOT)
        for command in document.commands("jobrunner"):
            parse(command)

    @each_document
    def test_every_line_of_curl_asks_for_a_route_with_what_it_takes(self, document: Document) -> None:
        for command in document.commands("curl"):
            url = urlsplit(next(word for word in command if word.startswith("http://127.0.0.1:8080")))
            route = (method_of(command), path_of(url.path))
            assert route in {(method, path) for method, path, *_ in ROUTES}, command
            assert {name for name, _ in parse_qsl(url.query)} <= {"filename", *query_parameters().get(route[1], ())}
            for option, value in pairwise(command):
                if (option == "-d" or value.startswith("job=")) and route[1] == "/api/v1/jobs":
                    submission.submission_of(json.loads(value.removeprefix("job=").partition(";type=")[0]), 0, LOCAL)


def method_of(command: list[str]) -> str:
    if "-X" in command:
        return command[command.index("-X") + 1]
    return "POST" if {"-d", "-F"} & set(command) else "GET"


def path_of(path: str) -> str:
    """Return the path of the route that serves an address."""
    for _, known, *_ in sorted(ROUTES, key=lambda route: "{" in route.path):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path):
            return known
    return path
