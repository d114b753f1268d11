"""What comes back of a cohort: each patient's record whole, everything else by search, and all of it by export."""

import time

from conftest import ENTRIES, FIGURES, Record, Server, is_own_insurer, name_of, transaction, without_own

NOBODYS = {"PractitionerRole"}
"""Types of a record that are about no patient, and that nothing in it refers to."""


def test_a_transaction_with_one_entry_that_is_wrong_stores_nothing(server: Server, bundles: list[dict]):
    for bundle in bundles:
        entries = bundle["entry"]
        patient = next(entry["fullUrl"] for entry in entries if entry["resource"]["resourceType"] == "Patient")
        first = next((at for at, entry in enumerate(entries) if is_own_insurer(entry["resource"], patient)), None)
        if first is not None:
            # Not the first of those that are sent.
            start = max(first - 7, 0)
            some = entries[start : start + ENTRIES]
            answer = server.process(transaction(some, {entry["fullUrl"]: name_of(entry["resource"]) for entry in entries}))
            assert answer.status_code == 422
            place = f"Bundle.entry[{first - start}].resource.insurer.reference"
            assert answer.json()["issue"][0]["expression"] == [place]
            assert server.get(name_of(some[0]["resource"])).status_code == 404
            return
    raise AssertionError("every Bundle of the cohort is right, and this test has nothing to show")


def test_everything_of_a_patient_is_the_whole_record(server: Server, cohort: list[Record]):
    begun, given = time.monotonic(), 0
    for record in cohort:
        matches, found = [], {}
        for page in server.pages(f"{record.patient}/$everything?_count=500"):
            for entry in page.get("entry", []):
                resource = entry["resource"]
                found[name_of(resource)] = without_own(resource)
                if entry["search"]["mode"] == "match":
                    matches.append(name_of(resource))
        given += len(matches)
        assert len(matches) == len(set(matches)), "something came twice"
        absent = record.resources.keys() - found.keys()
        assert {name.split("/")[0] for name in absent} <= NOBODYS, sorted(absent)[:10]
        assert found.keys() <= record.resources.keys(), sorted(found.keys() - record.resources.keys())[:10]
        changed = [name for name in found if found[name] != record.resources[name]]
        assert changed == []
    seconds = time.monotonic() - begun
    FIGURES.append(f"{given} resources of {len(cohort)} patients by $everything in {seconds:.1f} s, {given / seconds:.0f} a second")


def test_what_is_about_nobody_is_found_by_search(server: Server, cohort: list[Record]):
    wanted = {name: value for record in cohort for name, value in record.resources.items() if name.split("/")[0] in NOBODYS}
    found = {}
    for kind in NOBODYS:
        for page in server.pages(f"{kind}?_count=200"):
            found |= {name_of(entry["resource"]): without_own(entry["resource"]) for entry in page.get("entry", [])}
    assert {name: found.get(name) for name in wanted} == wanted


def test_each_type_has_as_many_as_were_sent(server: Server, cohort: list[Record]):
    sent = {name for record in cohort for name in record.resources}
    for kind in sorted({name.split("/")[0] for name in sent}):
        ids = [name.split("/")[1] for name in sent if name.startswith(f"{kind}/")]
        total = 0
        for at in range(0, len(ids), 100):
            total += server.read(f"{kind}?_id={','.join(ids[at : at + 100])}&_summary=count")["total"]
        assert total == len(ids), kind
