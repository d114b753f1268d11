"""QIDO-RS (PS3.18, 10.6): dicomweb-client, and raw requests."""

import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom import Dataset

from images import Names, image

JSON = "application/dicom+json"


@pytest.fixture(scope="module")
def client(archive):
    return DICOMwebClient(url=archive.web, session=archive.session)


def values(rows, tag):
    return {row[tag]["Value"][0] for row in rows}


def studies(archive, **keys):
    return values(archive.rows("/studies", **keys), "0020000D")


def test_the_client_walks_down(client, cohort):
    found = client.search_for_studies(search_filters={"PatientID": cohort.ana.patient})
    assert values(found, "0020000D") == {cohort.ana.study, cohort.later.study}
    series = client.search_for_series(cohort.ana.study)
    assert values(series, "0020000E") == {one.SeriesInstanceUID for one in cohort.ct + cohort.mr}
    images = client.search_for_instances(cohort.ana.study, cohort.ct[0].SeriesInstanceUID)
    assert values(images, "00080018") == {one.SOPInstanceUID for one in cohort.ct}
    assert {Dataset.from_json(row).InstanceNumber for row in images} == {1, 2, 3}


def test_the_client_pages(client, cohort):
    pages = [
        client.search_for_instances(cohort.ana.study, limit=2, offset=offset, fields=["InstanceNumber"])
        for offset in (0, 2, 4, 6)
    ]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    uids = [row["00080018"]["Value"][0] for page in pages for row in page]
    assert set(uids) == {one.SOPInstanceUID for one in cohort.ct + cohort.mr}


def test_what_a_study_tells(archive, cohort):
    """The attributes of PS3.18, table 10.6.3-3."""
    [row] = archive.rows("/studies", StudyInstanceUID=cohort.ana.study)
    told = {tag: element.get("Value") for tag, element in row.items()}
    assert told["00080020"] == ["20240315"] and told["00080030"][0].startswith("101112")
    assert told["00080050"] == [cohort.ana.accession]
    assert sorted(told["00080061"]) == ["CT", "MR"]
    assert told["00080090"][0]["Alphabetic"] == "Fry^Doctor"
    assert told["00100010"][0]["Alphabetic"] == cohort.ana.name
    assert told["00100020"] == [cohort.ana.patient]
    assert told["00100030"] == ["19700506"] and told["00100040"] == ["F"]
    assert told["0020000D"] == [cohort.ana.study] and told["00200010"] == ["1"]
    assert (told["00201206"], told["00201208"]) == ([2], [5])
    vrs = {tag: row[tag]["vr"] for tag in ("00080020", "00100010", "00201208", "0020000D")}
    assert vrs == {"00080020": "DA", "00100010": "PN", "00201208": "IS", "0020000D": "UI"}


def test_what_a_series_tells(archive, cohort):
    rows = archive.rows(f"/studies/{cohort.ana.study}/series", Modality="MR")
    [told] = [{tag: element.get("Value") for tag, element in row.items()} for row in rows]
    assert told["00080060"] == ["MR"] and told["0008103E"] == ["MR series"]
    assert told["0020000E"] == [cohort.mr[0].SeriesInstanceUID] and told["00200011"] == [1]
    assert told["00201209"] == [2]


def test_what_an_image_tells(archive, cohort):
    one = cohort.us[1]
    rows = archive.rows(f"/studies/{cohort.later.study}/instances", SOPInstanceUID=one.SOPInstanceUID)
    [told] = [{tag: element.get("Value") for tag, element in row.items()} for row in rows]
    assert told["00080016"] == [one.SOPClassUID] and told["00200013"] == [1]
    assert (told["00280008"], told["00280010"], told["00280011"], told["00280100"]) == ([7], [20], [30], [8])


def test_addresses_lead_to_the_images(archive, cohort):
    """RetrieveURL of every level (PS3.18, 10.6.3.3.2) can be asked."""
    for path in ("/studies", "/series", "/instances"):
        rows = archive.rows(path, StudyInstanceUID=cohort.ana.study)
        for row in rows[:2]:
            url = row["00081190"]["Value"][0]
            answer = archive.session.get(f"{url}/metadata", headers={"accept": JSON}, timeout=30)
            assert answer.status_code == 200 and answer.json()


def test_keys_by_name_and_by_number(archive, cohort):
    assert studies(archive, **{"00100020": cohort.ana.patient}) == {cohort.ana.study, cohort.later.study}
    by_sequence = {"RequestAttributesSequence.ScheduledProcedureStepID": "S" + cohort.later.accession}
    series = archive.rows(f"/studies/{cohort.later.study}/series", **by_sequence)
    assert values(series, "0020000E") == {one.SeriesInstanceUID for one in cohort.us}
    by_number = {"00400275.00400009": "nothing of that name"}
    assert archive.rows(f"/studies/{cohort.later.study}/series", **by_number) == []


def test_matching(archive, cohort):
    word, ana = cohort.word, {cohort.ana.study, cohort.later.study}
    assert studies(archive, PatientName=f"{word}*") == ana
    assert studies(archive, PatientName=f"{word}^An?") == ana
    assert studies(archive, PatientName=f"*{word}*", StudyDate="-20231231") == {cohort.li.study}
    assert studies(archive, PatientName=f"*{word}*", StudyDate="20240101-20240331") == {cohort.wang.study, cohort.ana.study}
    assert studies(archive, PatientName=f"{word}*", ModalitiesInStudy="MR") == {cohort.ana.study}
    assert studies(archive, PatientID="nobody-" + word) == set()


@pytest.mark.parametrize("between", [",", "\\"], ids=["comma", "backslash"])
def test_lists_of_uids(archive, cohort, between):
    wanted = {cohort.ana.study, cohort.li.study}
    assert studies(archive, StudyInstanceUID=between.join(wanted)) == wanted


def test_fuzzy_matching_finds_more_or_is_told(archive, cohort):
    """Fuzzy matching of names; a server without it warns (PS3.18, 8.3.4.2.1)."""
    answer = archive.get("/studies", JSON, params={"PatientName": f"{cohort.word} ana", "fuzzymatching": "true"})
    assert answer.status_code in (200, 204)
    found = values(answer.json() if answer.content else [], "0020000D")
    assert found == {cohort.ana.study, cohort.later.study} or "299" in answer.headers.get("warning", "")


def test_chinese(archive, cohort):
    for names in (cohort.li, cohort.wang):
        family, given = names.name.split("=")[1].split("^")
        for asked in (names.name, f"*{family}*", f"*={family}^{given}"):
            rows = archive.rows("/studies", PatientName=asked, PatientID=names.patient, includefield="StudyDescription")
            assert values(rows, "0020000D") == {names.study}, asked
        [row] = rows
        assert row["00100010"]["Value"][0]["Ideographic"] == f"{family}^{given}"
        assert row["00081030"]["Value"] == [names.description]


def test_fields_are_included(archive, cohort):
    keys = {"StudyInstanceUID": cohort.ana.study}
    [row] = archive.rows("/studies", includefield="StudyDescription", **keys)
    assert row["00081030"]["Value"] == ["Chest"]
    [row] = archive.rows("/studies", includefield="00081030,00201206", **keys)
    assert row["00081030"]["Value"] == ["Chest"] and row["00201206"]["Value"] == [2]
    answer = archive.get(f"/studies?StudyInstanceUID={cohort.ana.study}&includefield=00081030&includefield=00201208", JSON)
    assert answer.json()[0]["00201208"]["Value"] == [5]
    rows = archive.rows(f"/studies/{cohort.ana.study}/instances", includefield="all")
    assert all("00280010" in row and "7FE00010" not in row for row in rows)


def test_a_limit_says_that_there_is_more(archive, cohort):
    answer = archive.get("/studies", JSON, params={"PatientID": cohort.ana.patient, "limit": 1})
    assert len(answer.json()) == 1
    later = archive.get("/studies", JSON, params={"PatientID": cohort.ana.patient, "limit": 1, "offset": 1})
    assert studies(archive, PatientID=cohort.ana.patient) == values(answer.json() + later.json(), "0020000D")
    beyond = archive.get("/studies", JSON, params={"PatientID": cohort.ana.patient, "limit": 5, "offset": 9})
    assert beyond.status_code in (200, 204) and (beyond.json() if beyond.content else []) == []


def test_pages_miss_nothing_and_repeat_nothing(archive):
    patient = Names().patient
    images = [image(Names(patient=patient, date=f"202403{day:02}"), "OT") for day in range(1, 24)]
    association = archive.associate([images[0].SOPClassUID])
    assert all(association.send_c_store(one).Status == 0 for one in images)
    association.release()
    seen = []
    for offset in range(0, 30, 5):
        seen += [row["0020000D"]["Value"][0] for row in archive.rows("/studies", PatientID=patient, limit=5, offset=offset)]
    assert len(seen) == 23 and set(seen) == {one.StudyInstanceUID for one in images}


@pytest.mark.parametrize("accept", [JSON, "application/json", "*/*", f"{JSON}, */*;q=0.1", None])
def test_json_is_what_is_answered(archive, cohort, accept):
    answer = archive.get("/studies", accept, params={"StudyInstanceUID": cohort.ana.study})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] in (JSON, "application/json")
    assert len(answer.json()) == 1


def test_what_cannot_be_asked_is_refused(archive):
    for path in ("/studies?limit=many", "/studies?offset=-1", "/studies?StudyDate=yesterday", "/studies?Nonsense=1"):
        answer = archive.get(path, JSON)
        assert answer.status_code == 400, f"{path}: {answer.status_code}"
    assert archive.get("/studies", "image/png").status_code == 406


def test_who_does_not_say_who_he_is_is_told_nothing(archive):
    if not archive.strict:
        return
    import requests

    for path in ("/studies", "/studies/1.2.3", "/studies/1.2.3/metadata"):
        assert requests.get(archive.web + path, headers={"accept": JSON}, timeout=10).status_code == 401
