"""Programs as handlers: real ones, what they are given, what they say, how they end, and what they leave behind."""

from __future__ import annotations

import asyncio
import io
import json
import os
import select
import wave
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest

from jobrunner import Jobrunner
from jobrunner.config import Argument, Placeholder
from jobrunner.engine.command import Command
from jobrunner.errors import Invalid, JobError
from jobrunner.model.job import StepStatus
from jobrunner.model.state import Status
from tests.conftest import OpenRunner
from tests.engine.commands import ARGUMENTS, Programs, arguments, file, left, lines, said, uploaded, value
from tests.engine.engines import WITHIN_S, attempts, ended, result, run, submit, until

HOSTILE = [
    "two words", "  ", "", "a\nb\r\nc", "\"'`", "$(touch pwned)", "; rm -rf /", "*", "~", "a -x", "a\\tb", "ünï",
    "{upload:file} {payload.b} {{job_id}}",
]  # fmt: skip

MALFORMED = [
    "", "{", "[]", "7", '"result"', "NaN", '{"result": NaN}', '{"result": 1e999}', '{"result": "\\u0000"}',
    '{"reslut": 1}', '{"progress": {"percentage": 101}}', '{"stage": {"name": "a", "status": "done"}}',
    '{"error": {"code": "A"}}',
    '{"result": 1, "error": {"code": "A", "message": "b"}}', "[" * 100_000, '{"result": ' + "1" * 5_000 + "}",
    '{"stage": "a", "part": {"key": "b", "artifact": "never made"}}', '{"artifact": {"name": "a", "path": ""}}',
]  # fmt: skip


@pytest.fixture
def programs(tmp_path: Path, open_runner: OpenRunner) -> Programs:
    return Programs(tmp_path, open_runner)


async def gone(pids: list[int]) -> None:
    """Wait until processes are gone; one that is gone before it could be watched is as good."""
    for pid in pids:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert await asyncio.to_thread(poll.poll, WITHIN_S * 1_000), f"{pid} lives"
        os.close(descriptor)


async def begun(runner: Jobrunner) -> tuple[str, list[int]]:
    """Submit a job that waits, and return it with the processes that it says it has."""
    job_id = await submit(runner, payload={})
    image = await until(runner, job_id, lambda job: job.progress.step is not None)
    return job_id, [int(pid) for pid in str(image.job.progress.step).split()]


class TestArguments:
    @pytest.fixture
    async def runner(self, programs: Programs) -> Jobrunner:
        return await programs.serve(
            ARGUMENTS, "{artifact:arguments}", "{payload.a}", "a={payload.a}/{payload.b}", "{{}}"
        )

    async def test_a_value_fills_one_argument_and_is_taken_as_it_is(self, runner: Jobrunner) -> None:
        for hostile in HOSTILE:
            assert await arguments(runner, {"a": hostile, "b": 7}) == [hostile, f"a={hostile}/7", "{}"]
        assert not (Path.cwd() / "pwned").exists()

    async def test_a_value_cannot_make_an_option(self, runner: Jobrunner) -> None:
        for option in ("-x", "--output=/etc/passwd", "-", -1):
            done = await run(runner, payload={"a": option, "b": "-"}, max_attempts=3)
            assert done.error is not None
            assert (done.error.code, done.error.retryable, done.attempt) == ("BAD_ARGUMENT", False, 1)
            assert await arguments(runner, {"a": "x", "b": option}) == ["x", f"a=x/{option}", "{}"]

    async def test_a_value_may_make_an_option_when_the_configuration_says_so(self, programs: Programs) -> None:
        runner = await programs.serve(ARGUMENTS, "{artifact:arguments}", "{payload.a}", leading_dash=True)
        assert await arguments(runner, {"a": "-x"}) == ["-x"]

    @pytest.mark.parametrize("bad", ["a\0b", "\ud800", "x" * 100_001])
    def test_what_no_argument_can_hold_is_refused(self, bad: str) -> None:
        place = Placeholder("payload", "a")
        command = Command(arguments=(Argument(("true",)), Argument(("x", place))))
        with pytest.raises(JobError) as refused:
            command.called(lambda _place: bad)
        assert (refused.value.code, refused.value.retryable) == ("BAD_ARGUMENT", False)

    async def test_numbers_and_truths_are_written_plainly(self, programs: Programs) -> None:
        kinds = {"n": "number", "i": "integer", "b": "boolean"}
        payload = {name: {"type": kind} for name, kind in kinds.items()}
        runner = await programs.serve(
            ARGUMENTS, "{artifact:arguments}", *(f"{{payload.{name}}}" for name in kinds), payload=payload
        )
        for number, text in ((25, "25"), (2.5, "2.5"), (1e22, "1" + "0" * 22), (1e-7, "0.0000001")):
            assert await arguments(runner, {"n": number, "i": 3, "b": True}) == [text, "3", "true"]

    async def test_the_payload_is_what_the_places_ask_for_and_in_a_file(self, programs: Programs) -> None:
        runner = await programs.serve(
            'cp "$JOBRUNNER_PAYLOAD" "$1"', "{artifact:payload.json}", "{payload.a.b}", "{payload.c}"
        )
        done = await run(runner, payload={"a": {"b": 1.5}, "c": "ü"})
        assert json.loads(file(runner, done, "payload.json")) == {"a": {"b": "1.5"}, "c": "ü"}
        for wrong in (
            {"c": "ü"},
            {"a": {"b": [1]}, "c": ""},
            {"a": {"b": 1}, "c": 1, "d": 1},
            {"a": {"b": 1}, "c": True},
        ):
            with pytest.raises(Invalid):
                await submit(runner, payload=wrong)

    async def test_an_upload_lies_under_its_file_name_and_names_cannot_lead_elsewhere(self, programs: Programs) -> None:
        cases = [
            ("talk.MP4", None, "talk.MP4"), ("../../etc/pass wd", None, "pass wd"), ("..\\a\nb.tar", None, "a_b.tar"),
            ("-rf.wav", None, "_rf.wav"), (".bashrc", None, "_bashrc"), (None, "image/png", "file.png"),
            ("ü" * 200 + ".jpeg", None, "ü" * 75 + ".jpeg"), ("..", None, "_."),
        ]  # fmt: skip
        runner = await programs.serve(ARGUMENTS, "{artifact:arguments}", "{upload:file}", "{upload:other}")
        assert runner.registry.get("work").uploads == ("file", "other")  # type: ignore[union-attr]
        for filename, content_type, expected in cases:
            job_id = runner.intake.new_id(runner.clock.now())
            files = [await uploaded(runner, job_id, name, filename, content_type) for name in ("file", "other")]
            found = await arguments(runner, {}, job_id=job_id, uploads=tuple(files))
            assert [Path(each).name for each in found] == [expected, expected.replace("file", "other")]
            work = runner.database.path.absolute() / "work" / f"{job_id}-1"
            assert all(Path(each).is_relative_to(work) for each in found)
            kept = runner.files.path(str(files[0].stored))
            assert (kept.read_bytes(), kept.stat().st_mode & 0o222) == (b"given", 0)

    async def test_the_id_and_the_directories_can_be_arguments(self, programs: Programs) -> None:
        runner = await programs.serve(
            ARGUMENTS, "{artifact:arguments}", "{job_id}", "{workdir}/x", "{config_dir}/y", "{artifact:a b}"
        )
        job_id = runner.intake.new_id(runner.clock.now())
        work = runner.database.path.absolute() / "work" / f"{job_id}-1"
        done = await run(runner, payload={}, job_id=job_id)
        assert done.error is not None  # `a b` was not made
        assert (done.error.code, done.artifacts[0].name) == ("MISSING_ARTIFACT", "arguments")
        found = file(runner, done, "arguments").decode().split("\0")
        assert found == [job_id, f"{work}/x", f"{Path.cwd()}/y", f"{work}/artifacts/a b", ""]


class TestSurroundings:
    async def test_the_environment_is_what_was_allowed_and_no_secret_of_the_server(
        self, programs: Programs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_PASSWORD", "hunter2")
        monkeypatch.setenv("JOBRUNNER_TOKEN", "hunter2")
        monkeypatch.setenv("LANG", "C.UTF-8")
        (programs.directory / "key").write_text("a key\n")
        own = {"MODEL": "small", "KEY": f"file:{programs.directory}/key"}
        runner = await programs.serve('env -0 > "$1"', "{artifact:env}", env=["PATH", "LANG"], set_env=own)
        done = await run(runner, payload={})
        found = dict(each.split("=", 1) for each in file(runner, done, "env").decode().split("\0")[:-1])
        work = runner.database.path.absolute() / "work" / f"{done.id}-1"
        marks = {name: found.pop(name) for name in ("JOBRUNNER_INSTANCE", "JOBRUNNER_CHILD")}
        assert all(marks.values())
        assert {name: text for name, text in found.items() if name not in {"PWD", "SHLVL", "_", "OLDPWD"}} == {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "MODEL": "small", "KEY": "a key", "TMPDIR": f"{work}/tmp",
            "JOBRUNNER_JOB_ID": done.id, "JOBRUNNER_ATTEMPT": "1", "JOBRUNNER_TYPE": "work",
            "JOBRUNNER_WORKDIR": str(work), "JOBRUNNER_PAYLOAD": f"{work}/payload.json",
        }  # fmt: skip

    async def test_it_works_in_a_directory_of_its_own_reads_nothing_and_inherits_no_file(
        self, programs: Programs
    ) -> None:
        runner = await programs.serve('cat; pwd; ls; ls /proc/self/fd | wc -l; exec 3>"$TMPDIR/x"')
        done = await run(runner, payload={})
        work = runner.database.path.absolute() / "work" / f"{done.id}-1"
        own = ["artifacts", "payload.json", "tmp", "uploads"]
        assert [text for *_, text in await lines(runner, done.id)] == [str(work), *own, "4"]
        assert not left(runner)

    async def test_a_program_that_is_not_there_is_unavailable_and_one_that_vanishes_is_not_found(
        self, programs: Programs
    ) -> None:
        runner = await programs.serve("exit 0", **{"types.none.command": ["no-such-program"]})
        types = {each.name: each.unavailable for each in runner.registry}
        assert "no-such-program" in str(types["none"])
        assert types["work"] is None
        Path(programs.directory / "program").unlink()
        done = await run(runner, payload={})
        assert done.error is not None
        assert done.error.code == "COMMAND_NOT_FOUND"
        assert not left(runner)


class TestWords:
    async def test_a_script_says_stages_progress_parts_files_and_a_result(self, programs: Programs) -> None:
        script = [
            {"stage": "reading", "progress": {"percentage": 40, "current_step": "Reading"}},
            {"stage": "writing"},
            {"artifact": {"name": "de.txt", "path": "out/a.txt", "content_type": "text/x-german"}},
            {"part": {"key": "de", "status": "completed", "artifact": "de.txt"}},
            {"log": {"text": "half way", "level": "error"}, "stage": {"name": "writing", "status": "completed"}},
            {"result": {"rows": [1]}},
        ]
        at_once = "".join(f"::job {json.dumps(words)}\n" for words in script)
        (programs.directory / "words").write_text(f"before\n{at_once}")
        text = f"mkdir out; printf hallo > out/a.txt; cat '{programs.directory}/words'; echo after >&2"
        runner = await programs.serve(text, stages=["reading", "writing"])
        done = await run(runner, payload={})
        assert done.status is Status.COMPLETED
        assert [stage.status for stage in done.stages] == [StepStatus.COMPLETED] * 2
        assert [(part.key, part.status, part.artifact) for part in done.parts] == [
            ("de", StepStatus.COMPLETED, done.artifacts[0])
        ]
        assert (done.artifacts[0].name, done.artifacts[0].content_type) == ("de.txt", "text/x-german")
        assert file(runner, done, "de.txt") == b"hallo"
        assert await result(runner, done.id) == '{"rows":[1]}'
        kept = await lines(runner, done.id)
        assert [each for each in kept if each[0] != "stderr"] == [
            ("stdout", "info", "before"), ("log", "error", "half way"),
        ]  # fmt: skip
        assert ("stderr", "info", "after") in kept

    async def test_what_is_malformed_changes_nothing_and_is_a_warning(self, programs: Programs) -> None:
        text = "".join(f"::job {each}\n" for each in MALFORMED)
        (programs.directory / "said").write_text(text)
        runner = await programs.serve(f'cat "{programs.directory}/said"\n' + said({"result": 5}))
        done = await run(runner, payload={})
        assert (done.status, done.stages, done.parts) == (Status.COMPLETED, (), ())
        assert await result(runner, done.id) == "5"
        kept = await lines(runner, done.id)
        assert [line[:2] for line in kept] == [("stdout", "warning"), ("log", "warning")] * len(MALFORMED)
        assert all(text.startswith("That was not understood: ") for *_, text in kept[1::2])

    async def test_the_first_end_that_is_said_counts(self, programs: Programs) -> None:
        runner = await programs.serve(said({"result": 1}) + said({"result": 2}))
        assert await value(runner) == 1

    async def test_an_error_that_is_said_counts_before_the_exit_code(self, programs: Programs) -> None:
        error = {"code": "NO_SPEECH", "message": "Nobody speaks.", "details": {"s": 3}, "retryable": False}
        runner = await programs.serve(said({"error": error}) + "exit 7")
        done = await run(runner, payload={}, max_attempts=2)
        assert done.error is not None
        assert (done.error.code, done.error.message, done.error.details) == ("NO_SPEECH", "Nobody speaks.", {"s": 3})
        assert done.attempt == 1

    async def test_a_result_is_as_large_as_the_type_allows_and_no_larger(self, programs: Programs) -> None:
        script = """printf '::job {"result": "%s"}\\n' "$(head -c "$1" /dev/zero | tr '\\0' x)" """
        runner = await programs.serve(script, "{payload.size}", max_result="100KB")
        assert await value(runner, {"size": 99_998}) == "x" * 99_998
        done = await run(runner, payload={"size": 99_999})
        assert done.error is not None
        assert (done.error.code, await lines(runner, done.id)) == ("BAD_RESULT", [])

    async def test_a_file_lies_in_the_working_directory_or_the_attempt_fails(self, programs: Programs) -> None:
        script = "ln -s /etc/passwd link; ln -s loop loop; mkfifo fifo\n"
        words = """printf '::job {"artifact": {"name": "a", "path": "%s"}, "stage": "after"}\\n' "$1"\n"""
        runner = await programs.serve(script + words + said({"result": 1}), "{payload.path}")
        for path in ("../../jobs.db", "/etc/passwd", "link", "loop", "uploads", "fifo", "none", "tmp/../../x"):
            done = await run(runner, payload={"path": path})
            assert done.error is not None, path
            assert (done.error.code, done.artifacts, done.stages) == ("MISSING_ARTIFACT", (), ())

    async def test_a_file_of_an_argument_that_is_a_link_elsewhere_is_not_taken(self, programs: Programs) -> None:
        runner = await programs.serve('ln -s /etc/passwd "$1"', "{artifact:a}")
        done = await run(runner, payload={})
        assert done.error is not None
        assert (done.error.code, done.artifacts) == ("MISSING_ARTIFACT", ())


class TestOutput:
    async def test_a_flood_is_bounded_and_its_end_is_kept(self, programs: Programs) -> None:
        runner = await programs.serve("seq 300000; echo the end")
        done = await run(runner, payload={})
        kept = await runner.reader.lines(done.id, 0, 20_000)
        assert (len(kept), kept[0].text, kept[-1].text) == (10_000, "1", "the end")

    async def test_a_line_without_an_end_is_kept_in_pieces(self, programs: Programs) -> None:
        runner = await programs.serve("head -c 10000 /dev/zero | tr '\\0' x; printf 'y' >&2")
        done = await run(runner, payload={})
        assert [(stream, len(text)) for stream, _, text in await lines(runner, done.id)] in (
            [("stdout", 4_096), ("stdout", 4_096), ("stdout", 1_808), ("stderr", 1)],
            [("stderr", 1), ("stdout", 4_096), ("stdout", 4_096), ("stdout", 1_808)],
        )

    @pytest.mark.parametrize(
        ("script", "progress", "expected"),
        [
            ("printf 'a 10%%\\rb 37.5 %% c\\r'", "percent", (37.5, None)),
            (
                "echo '  Duration: 00:01:40.00, start' >&2; printf 'frame=1 time=00:00:25.00 x\\r' >&2",
                "ffmpeg",
                (25, None),
            ),
            ("echo 'step 3/4: gluing'", r"step (?P<done>\d+)/(?P<total>\d+): (?P<step>.+)", (75, "gluing")),
        ],
    )
    async def test_progress_is_read_from_what_is_printed(
        self, programs: Programs, script: str, progress: str, expected: Any
    ) -> None:
        runner = await programs.serve(f"{script}; exit 3", progress=progress)
        done = await run(runner, payload={})
        assert (done.progress.percentage, done.progress.step) == expected

    async def test_the_progress_of_a_real_ffmpeg_is_read(self, programs: Programs) -> None:
        sound = io.BytesIO()
        with wave.open(sound, "wb") as file_:
            file_.setparams((1, 2, 8_000, 0, "NONE", ""))
            file_.writeframes(bytes(2 * 8_000 * 20))
        ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
        runner = await programs.serve(f'{ffmpeg} -nostdin -i "$1" out.flac; exit 3', "{upload:a}", progress="ffmpeg")
        job_id = runner.intake.new_id(runner.clock.now())
        upload = await uploaded(runner, job_id, "a", "a.wav", None, sound.getvalue())
        done = await run(runner, payload={}, job_id=job_id, uploads=(upload,))
        assert done.progress.percentage == pytest.approx(100, abs=1)

    async def test_progress_is_read_from_the_stream_that_is_named(self, programs: Programs) -> None:
        for stream, expected in (("stdout", 8), ("stderr", None)):
            runner = await programs.serve("echo 8 %; exit 3", progress="percent", progress_stream=stream)
            assert (await run(runner, payload={})).progress.percentage == expected
            await runner.stop()


class TestEnd:
    @pytest.mark.parametrize(
        ("script", "code", "retryable", "details"),
        [
            ("exit 3", "BAD_INPUT", False, {"exit_code": 3}),
            ("exit 75", "BUSY", True, {"exit_code": 75}),
            ("exit 4", "COMMAND_FAILED", True, {"exit_code": 4}),
            ("kill -SEGV $$", "COMMAND_KILLED", True, {"signal": "SIGSEGV"}),
        ],
    )
    async def test_an_exit_code_or_a_signal_is_an_error(
        self, programs: Programs, script: str, code: str, retryable: object, details: Any
    ) -> None:
        meanings = {"3": "BAD_INPUT", "75": {"code": "BUSY", "retryable": True}}
        text = f"seq 100 >&2; echo no $PWD/a.mp4 >&2; {said({'result': 1})}{script}"
        runner = await programs.serve(text, exit_codes=meanings)
        done = await run(runner, payload={})
        assert done.error is not None
        assert (done.error.code, done.error.retryable, done.error.details) == (code, retryable, details)
        assert done.error.message.splitlines()[1:] == [*map(str, range(92, 101)), "no a.mp4"]
        assert await result(runner, done.id) is None
        assert not left(runner)

    async def test_a_signal_without_a_name_is_told_by_its_number(self, programs: Programs) -> None:
        done = await run(await programs.serve("kill -40 $$"), payload={})
        assert done.error is not None
        assert (done.error.code, done.error.details) == ("COMMAND_KILLED", {"signal": "signal 40"})

    async def test_a_cancelled_command_is_asked_and_what_it_says_then_is_heard(self, programs: Programs) -> None:
        words = said({"progress": {"current_step": "0"}})
        script = (
            f"""trap 'echo "::job {{\\"result\\": 7}}"; echo bye; exit 0' TERM\n{words}while :; do sleep 0.05; done"""
        )
        runner = await programs.serve(script)
        job_id, _ = await begun(runner)
        await runner.cancel(job_id)
        done = await ended(runner, job_id)
        assert done.status is Status.CANCELLED
        assert ("stdout", "info", "bye") in await lines(runner, job_id)
        assert (await result(runner, job_id), (await attempts(runner, job_id))[0].result) == (None, "7")
        assert not left(runner)

    @pytest.mark.parametrize("how", ["cancel", "shutdown"])
    async def test_all_that_a_stopped_command_began_is_killed_also_what_does_not_listen_and_what_left_its_group(
        self, programs: Programs, how: str
    ) -> None:
        script = r"""
            trap '' TERM
            sleep 1000 & one=$!
            setsid sh -c 'echo $$ > pid.new; mv pid.new pid; exec sleep 1000' &
            while [ ! -e pid ]; do sleep 0.01; done
            echo "::job {\"progress\": {\"current_step\": \"$$ $one $(cat pid)\"}}"
            while :; do sleep 1000; done
        """
        runner = await programs.serve(script, **{"workers.cancel_grace": "100ms"})
        job_id, pids = await begun(runner)
        if how == "cancel":
            await runner.cancel(job_id)
            assert (await ended(runner, job_id)).status is Status.CANCELLED
        else:
            await runner.stop(0)
        await gone(pids)
        assert not left(runner)

    async def test_what_a_command_leaves_in_its_group_is_killed_at_its_end(self, programs: Programs) -> None:
        words = said({"artifact": {"name": "pid", "path": "pid"}})
        runner = await programs.serve(f"sleep 1000 & echo $! > pid\n{words}")
        done = await run(runner, payload={})
        await gone([int(file(runner, done, "pid"))])
        assert done.status is Status.COMPLETED

    async def test_a_processor_limit_ends_it_and_a_memory_limit_is_kept(self, programs: Programs) -> None:
        runner = await programs.serve("while :; do :; done", cpu_time="1s")
        done = await run(runner, payload={})
        assert done.error is not None
        assert (done.error.code, done.error.retryable) == ("CPU_LIMIT", False)
        await runner.stop()
        runner = await programs.serve('while [ "$(ulimit -v)" = unlimited ]; do :; done; ulimit -v', memory="300MB")
        done = await run(runner, payload={})
        assert (await lines(runner, done.id))[0][2] == str(300_000_000 // 1024)

    async def test_a_directory_that_cannot_be_entered_is_deleted_as_well(self, programs: Programs) -> None:
        runner = await programs.serve("mkdir -p a/b; touch a/b/c; chmod 500 a/b; chmod 0 a")
        assert await value(runner) is None
        assert not left(runner)

    async def test_attempts_follow_one_another_as_those_of_any_type(self, programs: Programs) -> None:
        runner = await programs.serve(
            '[ "$JOBRUNNER_ATTEMPT" = 2 ]', max_attempts=2, backoff={"first": "0s"}, title="Work", description="Works."
        )
        done = await run(runner, payload={})
        assert (done.status, done.attempt, done.title) == (Status.COMPLETED, 2, "Work")
        assert [each.outcome for each in await attempts(runner, done.id)] == ["failed", "completed"]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def children() -> list[str]:
    return [pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()]


@pytest.mark.parametrize("jobs", [200, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_very_many_commands_leave_no_zombie_no_file_and_no_descriptor(open_runner: OpenRunner, jobs: int) -> None:
    runner = await open_runner(**{"types.work.command": ["true"]})
    assert await value(runner) is None
    before = descriptors()
    ids = [await submit(runner, payload={}) for _ in range(jobs)]
    for job_id in ids:
        assert (await ended(runner, job_id)).status is Status.COMPLETED
    assert (children(), left(runner)) == ([], [])
    assert descriptors() <= before
