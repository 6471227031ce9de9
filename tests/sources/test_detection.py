"""Which tool wrote an export: told by column titles with the reasons, asked when unclear, started when unknown."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sdrlib.errors import UsageError
from sdrlib.sources import detection, load
from sdrlib.sources.likeness import decimal_of
from sdrlib.sources.mapping import open_mapping, parse
from sdrlib.sources.recognition import Tool, candidates
from sdrlib.sources.sampling import recognised, samples, told
from sdrlib.sources.starter import Sample, start
from tests.folders import sentences, write
from tests.sources.exports import AIRCALL, REAL, dialler, mapping, needs_real_headers, pipedrive, save

HOSTILE = '"]\n[reps]\nfrom = "/etc/passwd" #'


@pytest.mark.parametrize("language", ["en", "fr"])
def test_tool_file_and_language_are_found_out_and_the_reasons_told(tmp_path, language):
    save(tmp_path / "export (3).csv", pipedrive(language))
    (found,) = recognised(str(tmp_path))
    assert (found.best.tool, found.best.file, found.best.dialect) == ("pipedrive", "activities", language)
    first, reason = told(found)
    assert first.startswith(f"export (3).csv: pipedrive, activities, in {language}: 8 of ")
    assert next(iter(pipedrive(language)[0])) in reason
    assert load(str(tmp_path), crm="auto", time_zone="UTC").crm == "pipedrive"


@needs_real_headers
@pytest.mark.parametrize(
    ("name", "file", "dialect"),
    [
        ("pipedrive_activities_export_en", "activities", "en"),
        ("pipedrive_deals_export_en_header", "deals", "en"),
        ("pipedrive_deals_export_fr", "deals", "fr"),
        ("pipedrive_meetings_export_fr_header", "activities", "fr"),
    ],
)
def test_real_headers_are_recognised_under_a_meaningless_name(tmp_path, name, file, dialect):
    (tmp_path / "x.csv").write_bytes((REAL / f"{name}.csv").read_bytes())
    (found,) = recognised(str(tmp_path))
    assert (found.best.tool, found.best.file, found.best.dialect) == ("pipedrive", file, dialect)
    assert not found.is_close


@needs_real_headers
def test_no_real_header_of_another_tool_is_taken_for_pipedrive():
    crm, _ = open_mapping("pipedrive")
    for path in REAL.glob("*.csv"):
        if not path.name.startswith("pipedrive"):
            titles = path.read_text(encoding="utf-8-sig").splitlines()[0].split(",")
            assert not candidates("x", titles, [Tool("pipedrive", crm)]), path.name


def test_files_of_the_contract_need_no_mapping(tmp_path):
    write(tmp_path)
    tables = load(str(tmp_path), crm="auto")
    assert (tables.crm, set(tables.frames), tables.problems) == ("", {"reps", "activities", "meetings"}, ())


def test_targets_are_read_beside_a_tools_exports(tmp_path):
    save(tmp_path / "x.csv", pipedrive())
    (tmp_path / "targets.csv").write_text(
        "scope,scope_id,measure,period,starts_on,value\nteam,,meetings,month,2026-03-01,9\n", encoding="utf-8"
    )
    tables = load(str(tmp_path), crm="auto", time_zone="UTC")
    assert tables.frames["targets"].value.execute()[0] == 9
    assert not tables.problems


def test_a_file_that_two_tools_could_have_written_is_asked_about_never_guessed(tmp_path, monkeypatch):
    crm, _ = open_mapping(mapping(tmp_path / "d.toml", AIRCALL))
    monkeypatch.setattr(detection, "known_tools", lambda: [Tool("one", crm), Tool("other", crm)])
    save(tmp_path / "x.csv", dialler())
    tables = load(str(tmp_path), crm="auto")
    (found,) = tables.problems
    assert (found.code, found.table, tables.frames) == ("ambiguous-export", "x.csv", {})
    assert "one: calls (8/8), other: calls (8/8)" in found.values["candidates"]
    assert "--crm one" in sentences(found)[-2]


def test_what_no_tool_writes_is_said_with_its_columns(tmp_path):
    save(tmp_path / "x.csv", [{"Foo": "1", "Bar": "2"}])
    tables = load(str(tmp_path), crm="auto")
    (found,) = tables.problems
    assert (found.code, found.table) == ("unknown-export", "x.csv (Foo, Bar…)")
    sentences(found)


# ---- a first mapping ----------------------------------------------------------------------------------


def unknown(folder):
    rows = [
        {
            "Call ID": str(n), "Propriétaire": ("Ana Boa", "Bob Cat")[n % 2],
            "Date et heure": f"{13 + n}/03/2026 09:00",
            "Résultat": ("Discuté", "Répondeur", "=cmd|'/c calc'!A0")[n % 3], "E-mail": f"p{n}@x.example",
            HOSTILE: "1", "Équipe": "Nord",
        }
        for n in range(9)
    ]  # fmt: skip
    return save(folder / "calls.csv", rows, ";")


def test_a_started_mapping_parses_whatever_stands_in_the_export_and_says_what_is_left_to_do(tmp_path):
    unknown(tmp_path)
    text = start(samples(str(tmp_path)))
    crm = parse(tomllib.loads(text), "started")
    (selection,) = crm.tables["activities"]
    got = {column: origin.column for column, origin in selection.columns.items() if origin.column}
    assert got["activity_id"] == ("Call ID",)
    assert got["rep_id"] == ("Propriétaire",)
    assert got["at"] == ("Date et heure",)
    assert got["outcome"] == ("Résultat",)
    assert crm.dates == ("%d/%m/%Y %H:%M",)
    assert '# TODO WORD = ["Discuté"]   (3 rows)' in text
    assert "p0@x.example" not in text, "what is no picklist is nobody's business"
    assert "# TODO [[meetings]]" in text
    assert len(crm.tables) == 2


def test_a_started_mapping_can_be_finished_and_used(tmp_path):
    unknown(tmp_path)
    text = start(samples(str(tmp_path)), time_zone="Europe/Paris")
    text += '[activities.labels.outcome]\nconnected = ["Discuté"]\n' if "[activities.labels" not in text else ""
    path = mapping(tmp_path / "my.toml", text.replace('# TODO WORD = ["Discuté"]', 'connected = ["Discuté"] #'))
    acts = load(str(tmp_path), crm=path).frames["activities"].execute()
    assert (len(acts), (acts.outcome == "connected").sum()) == (9, 3)


def test_a_list_of_ones_own_is_started_with_its_decimals_its_currency_and_its_words(tmp_path):
    meetings = [
        {"N° RDV": str(n), "Pris par": "Ana Boa", "Client": f"p{n}@x.example", "Pris le": f"{13 + n}/03/2026 09:00",
         "Date du RDV": f"{14 + n}/03/2026 09:00", "Statut": ("À venir", "Honoré", "Accepté")[n % 3]}
        for n in range(9)
    ]  # fmt: skip
    deals = [
        {"N° affaire": str(n), "SDR": "Ana Boa", "Date de création": f"{13 + n}/03/2026", "Étape": "Devis",
         "Montant": f"{12 + n} 500,00 €", "Statut": ("En cours", "Signée")[n % 2], "Signée le": f"{15 + n}/03/2026"}
        for n in range(9)
    ]  # fmt: skip
    save(tmp_path / "rdv.csv", meetings, ";")
    save(tmp_path / "affaires.csv", deals, ";")
    crm = parse(tomllib.loads(start(samples(str(tmp_path)), time_zone="Europe/Paris")), "started")
    assert (crm.decimal, crm.currency) == (",", "EUR")
    (booked,), (deal,) = crm.tables["meetings"], crm.tables["opportunities"]
    assert {c: booked.columns[c].column[0] for c in ("meeting_id", "booked_at", "starts_at")} == {
        "meeting_id": "N° RDV", "booked_at": "Pris le", "starts_at": "Date du RDV",
    }  # fmt: skip
    assert booked.labels["outcome"] == {"pending": ("À venir",), "held": ("Honoré",), "accepted": ("Accepté",)}
    assert deal.columns["closed_at"].column == ("Signée le",)
    assert deal.labels["status"] == {"open": ("En cours",), "won": ("Signée",)}


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["12 500,00 €", "900,00 €"], ","),
        (["12 500 €", "900 €"], ","),
        (["12.500", "1.250.000 €"], ","),
        (["$12,500", "$900.50"], "."),
        (["12500", "900.5"], ""),
        (["1 250,5", "900.5"], ""),
        (["12 mars"], ""),
    ],
)
def test_the_decimal_mark_is_that_of_all_cells_or_none(cells, mark):
    assert decimal_of(cells) == mark


TITLES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["Owner", "Date", "Result", "Call ID", "Deal Name", "Stage", "Amount", HOSTILE, "a\x7fb", "\\", "'''"]
)


@given(
    st.dictionaries(
        TITLES, st.lists(TITLES | st.sampled_from(["2026-03-01", "1"]), min_size=3, max_size=3), max_size=9
    ),
    TITLES,
)
@settings(max_examples=40, deadline=None)
def test_any_titles_and_cells_make_a_mapping_that_parses_or_a_clear_refusal(columns, stem):
    try:
        text = start([Sample(stem, columns)])
    except UsageError:
        return
    parse(tomllib.loads(text), "started")
