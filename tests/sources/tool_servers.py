"""HubSpot and Salesforce on this machine: the documented shapes of their answers, over records that tests change."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import HTTPAdapter


class Records:
    """What the tool holds, and how it behaves: ``troubles`` are answered first, one for each request."""

    def __init__(self, kinds, page=3):
        self.kinds, self.page = kinds, page
        self.troubles, self.asked, self.tokens = [], [], set()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self._answer({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(json.loads(body) if body.startswith(b"{") else {})

    def _answer(self, body):
        tool, place = self.server.tool, urlsplit(self.path)
        tool.asked.append((place.path, body or parse_qs(place.query)))
        tool.tokens.add(self.headers.get("Authorization", ""))
        status, headers, said = tool.troubles.pop(0) if tool.troubles else self.server.respond(tool, place, body)
        content = json.dumps(said).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(tool, respond):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.tool, server.respond = tool, respond
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


# ---- HubSpot: records are dicts of properties; "archived" ones lie in the bin ----------------------------------


def hubspot(tool, place, body):
    parts, query = place.path.strip("/").split("/"), parse_qs(place.query)
    if parts[-2:] == ["batch", "read"]:  # /crm/v4/associations/{from}/{to}/batch/read
        kind = tool.kinds[parts[3]]
        of = {i["id"]: kind[i["id"]].get("contacts", []) for i in body["inputs"]}
        found = [{"from": {"id": i}, "to": [_link(c) for c in contacts]} for i, contacts in of.items() if contacts]
        return 200, {}, {"status": "COMPLETE", "results": found, "startedAt": _AT, "completedAt": _AT}
    kind = tool.kinds.get("owners" if parts[2] == "owners" else parts[3], {})
    if parts[2] == "owners":
        chosen = [r for r in kind.values() if str(r["archived"]).lower() == query["archived"][0].lower()]
        return _hubspot_page(tool, [{**r, "createdAt": _AT, "updatedAt": _AT} for r in chosen], query)
    if parts[-1] == "search":
        chosen = [i for i in sorted(kind, key=int) if not kind[i].get("archived") and _fits(i, kind[i], body)]
        records = [_record(i, {k: v for k, v in kind[i].items() if k in body["properties"]}) for i in chosen]
        return _hubspot_page(tool, records, {"after": [body.get("after", "0")]}, most=tool.page)
    chosen = [i for i in sorted(kind, key=int) if kind[i].get("archived")]
    return _hubspot_page(tool, [{**_record(i, {}), "archived": True, "archivedAt": _AT} for i in chosen], query)


_AT = "2026-10-01T08:00:00Z"


def _link(contact):
    kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 194, "label": None}]
    return {"toObjectId": int(contact), "associationTypes": kinds}


def _record(number, properties):
    return {"id": number, "properties": properties, "createdAt": _AT, "updatedAt": _AT, "archived": False}


def _fits(number, record, body):
    for f in body["filterGroups"][0]["filters"]:
        value = int(number) if f["propertyName"] == "hs_object_id" else record["ms"]
        if not (value > int(f["value"]) if f["operator"] == "GT" else value >= int(f["value"])):
            return False
    return True


def _hubspot_page(tool, records, query, most=100):
    start = int(query.get("after", ["0"])[0])
    rest = {"paging": {"next": {"after": str(start + most), "link": "?"}}} if start + most < len(records) else {}
    return 200, {}, {"total": len(records), "results": records[start : start + most], **rest}


# ---- Salesforce: records are dicts of fields --------------------------------------------------------------------


def salesforce(tool, place, body):
    if place.path == "/services/oauth2/token":
        said = {"access_token": "a-session", "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"}
        return 200, {}, said
    if "-" in (last := place.path.rstrip("/").split("/")[-1]):  # …/query/01g-KIND-START
        _, number, start = last.split("-")
        return _salesforce_page(tool, int(number), int(start))
    question = parse_qs(place.query)["q"][0]
    kind = question.split(" FROM ")[1].split()[0]
    after = question.split("Id > '")[1].split("'")[0] if "Id > '" in question else ""
    since = question.split("SystemModstamp >= ")[1].split()[0] if "SystemModstamp >= " in question else ""
    fields = question.removeprefix("SELECT ").split(" FROM ")[0].split(", ")
    chosen = [r for i, r in sorted(tool.kinds.get(kind, {}).items()) if i > after and r["SystemModstamp"] >= since]
    rows = [
        {"attributes": {"type": kind}, **{f: r.get(f, False if f == "IsDeleted" else None) for f in fields}}
        for r in chosen
    ]
    tool.results = [*getattr(tool, "results", []), rows]
    return _salesforce_page(tool, len(tool.results) - 1, 0)


def _salesforce_page(tool, number, start):
    rows, end = tool.results[number], start + tool.page
    more = {"nextRecordsUrl": f"/services/data/v59.0/query/01g-{number}-{end}"} if end < len(rows) else {}
    return 200, {}, {"totalSize": len(rows), "done": not more, "records": rows[start:end], **more}


def local_session(base):
    """A session that finds Salesforce's hosts at ``base``."""

    class Local(HTTPAdapter):
        def send(self, request, **named):
            parts = urlsplit(request.url)
            request.url = base + parts.path + (f"?{parts.query}" if parts.query else "")
            return super().send(request, **named)

    session = requests.Session()
    session.mount("https://", Local())
    return session
