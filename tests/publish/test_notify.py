"""Messages: each to whom it is for, without a name, a figure of a person or a secret; and none costs a run."""

import json
import logging
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from sdrlib.cli import main
from sdrlib.errors import DataUnfitError, Problem, UsageError
from sdrlib.publish import notify
from sdrlib.records import Rendered
from sdrlib.running import Run
from sdrlib.settings import Settings

NAME, SECRET = "Zoé Lebœuf", "hunter2"


@pytest.fixture
def server():
    """A web server on this machine that keeps what it is sent; ``server.answer`` is its status."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.told.append((self.path, json.loads(body)))
            self.send_response(self.server.answer)
            self.end_headers()

        def log_message(self, *_):
            """Silence."""

    with HTTPServer(("127.0.0.1", 0), Hook) as made:
        made.told, made.answer = [], 200
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def settings(server, **changes):
    urls = {f"notify_{event}": f"json://me:{SECRET}@127.0.0.1:{server.server_port}/{event}" for event in notify.EVENTS}
    return Settings.gather({**urls, **changes}, env={})


def published(server, language="en", made=11, failed=0, **changes):
    told = []
    index = Path("/reports/last-13-weeks to/index.html")
    notify.tell(settings(server, language=language, **changes), told.append, index=index, made=made, failed=failed)
    return told, {path.strip("/"): body for path, body in server.told}


@pytest.mark.parametrize(("language", "said"), [("en", "11 reports are ready"), ("fr", "11 rapports sont prêts")])
def test_readers_are_told_with_a_link_when_all_is_well_and_nobody_else_is(server, language, said):
    told, sent = published(server, language, reports_url="https://intranet.example/c/")
    assert (told, sent.keys()) == ([], {"success"})
    assert said in sent["success"]["message"]
    assert "https://intranet.example/c/last-13-weeks%20to/index.html" in sent["success"]["message"]
    assert sent["success"]["type"] == "success"


def test_without_a_web_server_the_link_is_where_the_file_lies(server):
    _, sent = published(server)
    assert "/reports/last-13-weeks to/index.html" in sent["success"]["message"]


@pytest.mark.parametrize(("language", "said"), [("en", "1 report of 12 failed"), ("fr", "1 rapport sur 12 a échoué")])
def test_when_some_failed_the_owner_is_told_too(server, language, said):
    _, sent = published(server, language, failed=1)
    assert sent.keys() == {"success", "failure"}
    assert said in sent["failure"]["message"]
    assert sent["failure"]["type"] == "failure"


def test_when_all_failed_readers_are_not_told_that_reports_are_ready(server):
    _, sent = published(server, made=0, failed=3)
    assert sent.keys() == {"failure"}


def test_unfit_data_is_told_to_whoever_keeps_it_without_examples_and_without_names(server):
    problems = [
        Problem("unknown-rep", "activities", "rep_id", 412, (NAME,), {"reps": NAME}),
        Problem("unreadable-file", f"{NAME}.csv", values={"reason": NAME}),
    ]
    notify.tell(settings(server), pytest.fail, error=DataUnfitError(problems))
    sent = {path.strip("/"): body for path, body in server.told}
    assert sent.keys() == {"failure", "data"}
    assert "unknown-rep activities.rep_id: 412 rows" in sent["data"]["message"]
    assert "unreadable-file" in sent["data"]["message"]
    assert "exit code 65" in sent["failure"]["message"]
    assert NAME not in json.dumps(server.told, ensure_ascii=False)


@pytest.mark.parametrize(("error", "said"), [(UsageError(NAME), "code 2 : erreur d’utilisation"),
                                             (RuntimeError(NAME), "code 1 : erreur inattendue")])  # fmt: skip
def test_what_stopped_a_run_is_told_to_the_owner_by_its_exit_code(server, error, said):
    notify.tell(settings(server, language="fr"), pytest.fail, error=error)
    ((path, body),) = server.told
    assert (path, said in body["message"].replace("\u202f", " ")) == ("/failure", True)
    assert NAME not in json.dumps(body, ensure_ascii=False)


def test_a_run_that_found_another_at_work_says_nothing(server):
    error = UsageError("busy")
    error.exit_code = notify.BUSY
    notify.tell(settings(server), pytest.fail, error=error)
    assert server.told == []


def test_a_server_that_refuses_is_told_on_the_console_without_its_secret(server, caplog, capfd):
    server.answer = 500
    with caplog.at_level(logging.DEBUG, logger="root"):
        told, _ = published(server)
    assert told == ["notify_success: message 1 (json) was not delivered. The run is not affected."]
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("url", ["mailto://me:hunter2@127.0.0.1:9?to=x@y.z", "nonsense://me:hunter2@there", "json://["])
def test_a_dead_server_or_a_wrong_address_costs_nothing_but_the_message(url, caplog, capfd):
    told = []
    with caplog.at_level(logging.DEBUG):
        chosen = Settings.gather({"notify_success": url}, env={})
        notify.tell(chosen, told.append, index=Path("index.html"), made=1)
    assert len(told) == 1
    assert "was not delivered" in told[0]
    assert SECRET not in told[0] + caplog.text + "".join(capfd.readouterr())


def test_several_addresses_are_each_told_though_one_is_dead(server):
    alive = f"json://127.0.0.1:{server.server_port}"
    chosen = Settings.gather({"notify_success": f"json://127.0.0.1:9, {alive}/a?x=1,2 ,{alive}/b"}, env={})
    told = []
    notify.tell(chosen, told.append, index=Path("index.html"), made=1)
    assert len(told) == 1
    assert {path.split("?")[0] for path, _ in server.told} == {"/a", "/b"}


def test_a_mail_arrives_in_french():
    class Mailbox:
        def __init__(self):
            self.mails = []

        async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name that aiosmtpd asks for
            self.mails.append(envelope)
            return "250 OK"

    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        url = f"mailto://127.0.0.1:{port}?from=sdr@example.com&to=lead@example.com&mode=insecure"
        chosen = Settings.gather({"notify_success": url, "language": "fr"}, env={})
        notify.tell(chosen, pytest.fail, index=Path("index.html"), made=2)
    finally:
        controller.stop()
    (mail,) = box.mails
    assert mail.rcpt_tos == ["lead@example.com"]
    assert "les rapports sont pr" in " ".join(str(mail.content.decode()).split()).replace("_", " ")


def test_without_apprise_the_run_goes_on_and_says_how_to_get_it(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    told, sent = published(server)
    assert sent == {}
    assert told == [
        "Messages are asked for and Apprise is not installed (pip install 'sdr-coaching-kit[notify]'); none was sent."
    ]


def test_where_nobody_wants_to_know_apprise_is_not_even_looked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    notify.tell(Settings.gather(env={}), pytest.fail, index=Path("index.html"), made=1)


def command(server, monkeypatch, tmp_path, run):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sdrlib.running.run_report", run)
    for event in notify.EVENTS:
        url = f"json://me:{SECRET}@127.0.0.1:{server.server_port}/{event}"
        monkeypatch.setenv(f"SDR_NOTIFY_{event.upper()}", url)
    try:
        main(["report"])
    except SystemExit as end:
        return end.code
    return 0


def test_the_command_tells_of_what_it_published(server, monkeypatch, tmp_path, capsys):
    def run(settings, out, *, log):
        copies = [Rendered("a", "Ana", "ok", None, 1.0, audience=audience) for audience in ("rep", "manager")]
        return Run(tmp_path / "index.html", (*copies, Rendered("b", "Bob", "failed", None, 1.0, "x")), reused=False)

    assert command(server, monkeypatch, tmp_path, run) == 1
    assert {path: body["title"] for path, body in server.told} == {
        "/success": "SDR coaching: the reports are ready",
        "/failure": "SDR coaching: some reports failed",
    }
    assert "1 report is ready" in server.told[1][1]["message"]
    assert SECRET not in "".join(capsys.readouterr())


def test_an_unchanged_run_is_no_news(server, monkeypatch, tmp_path):
    def run(settings, out, *, log):
        return Run(tmp_path / "index.html", (), reused=True)

    assert command(server, monkeypatch, tmp_path, run) == 0
    assert server.told == []


def test_the_command_tells_of_what_stopped_it_and_ends_as_it_would_have(server, monkeypatch, tmp_path):
    def run(settings, out, *, log):
        raise DataUnfitError([Problem("no-meetings", "meetings")])

    assert command(server, monkeypatch, tmp_path, run) == 65
    assert [path for path, _ in server.told] == ["/data", "/failure"]
