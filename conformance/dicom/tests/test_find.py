"""C-FIND (PS3.4, C.4.1): at every level of both information models, by every kind of matching."""

import subprocess

import pytest
from pydicom import Dataset, dcmread
from pydicom.datadict import dictionary_VR
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelFind as PatientRoot,
    StudyRootQueryRetrieveInformationModelFind as StudyRoot,
)

from images import Names, image

PENDING = (0xFF00, 0xFF01)
MODELS = pytest.mark.parametrize("model", [PatientRoot, StudyRoot], ids=["patient root", "study root"])


def query(level, charset="ISO_IR 192", **keys):
    """An identifier; keys without a value are asked for."""
    set_ = Dataset()
    set_.SpecificCharacterSet, set_.QueryRetrieveLevel = charset, level
    for key, value in keys.items():
        set_.add_new(key, dictionary_VR(key), value)
    return set_


def ask(archive, identifier, model=StudyRoot):
    """The last status, and the matches."""
    association = archive.associate([model])
    assert association.is_established and association.accepted_contexts
    answers = list(association.send_c_find(identifier, model))
    association.release()
    matches = [match for status, match in answers if status and status.Status in PENDING]
    return answers[-1][0].Status, matches


def found(archive, identifier, model=StudyRoot):
    status, matches = ask(archive, identifier, model)
    assert status == 0x0000, f"{status:04x}"
    return matches


def studies(archive, charset="ISO_IR 192", **keys):
    """The UIDs of the studies that match."""
    keys = {"StudyInstanceUID": ""} | keys
    return {match.StudyInstanceUID for match in found(archive, query("STUDY", charset, **keys))}


def test_patients(archive, cohort):
    [match] = found(archive, query("PATIENT", PatientID=cohort.ana.patient, PatientName="", PatientSex=""), PatientRoot)
    assert (match.PatientName, match.PatientSex, match.QueryRetrieveLevel) == (cohort.ana.name, "F", "PATIENT")


@MODELS
def test_every_level(archive, cohort, model):
    above = {"PatientID": cohort.ana.patient}
    of_patient = found(archive, query("STUDY", StudyInstanceUID="", **above), model)
    assert {match.StudyInstanceUID for match in of_patient} == {cohort.ana.study, cohort.later.study}
    above["StudyInstanceUID"] = cohort.ana.study
    series = found(archive, query("SERIES", SeriesInstanceUID="", Modality="", **above), model)
    assert {match.SeriesInstanceUID: match.Modality for match in series} == {
        one.SeriesInstanceUID: one.Modality for one in cohort.ct + cohort.mr
    }
    above["SeriesInstanceUID"] = cohort.ct[0].SeriesInstanceUID
    images = found(archive, query("IMAGE", SOPInstanceUID="", SOPClassUID="", InstanceNumber="", **above), model)
    assert {(match.SOPInstanceUID, match.InstanceNumber) for match in images} == {
        (one.SOPInstanceUID, one.InstanceNumber) for one in cohort.ct
    }
    assert {match.SOPClassUID for match in images} == {cohort.ct[0].SOPClassUID}
    assert all(match.StudyInstanceUID == cohort.ana.study for match in images)


def test_one_value(archive, cohort):
    assert studies(archive, AccessionNumber=cohort.later.accession) == {cohort.later.study}
    assert studies(archive, StudyInstanceUID=cohort.li.study) == {cohort.li.study}
    assert studies(archive, AccessionNumber=cohort.later.accession, PatientID="nobody") == set()
    assert studies(archive, PatientID=cohort.ana.patient[:-1]) == set()


def test_wildcards(archive, cohort):
    word, ana = cohort.word, {cohort.ana.study, cohort.later.study}
    assert studies(archive, PatientName=f"{word}^*") == ana
    assert studies(archive, PatientName=f"{word}^An?") == ana
    assert studies(archive, PatientName=f"?{word[1:]}^A*") == ana
    assert studies(archive, PatientName=f"{word}^A?") == set()
    assert studies(archive, PatientID=cohort.ana.patient[:-2] + "*") >= ana
    assert studies(archive, PatientName=f"{word}^*", StudyDescription="He*") == {cohort.later.study}


def test_names_without_regard_to_case(archive, cohort):
    assert studies(archive, PatientName=f"{cohort.word.lower()}^aNA") == {cohort.ana.study, cohort.later.study}


def test_ranges(archive, cohort):
    def within(dates, **keys):
        return studies(archive, PatientName=f"*{cohort.word}*", StudyDate=dates, **keys)

    assert within("20240101-20240331") == {cohort.wang.study, cohort.ana.study}
    assert within("-20231231") == {cohort.li.study}
    assert within("20240420-") == {cohort.later.study}
    assert within("20240315") == {cohort.ana.study}
    assert within("20240316-20240419") == set()
    assert within("20240315", StudyTime="101112-101112") == {cohort.ana.study}
    assert within("20240315", StudyTime="1012-11") == set()


def test_lists_of_uids(archive, cohort):
    wanted = [cohort.ana.study, cohort.li.study]
    assert studies(archive, StudyInstanceUID=wanted) == set(wanted)
    of_series = query(
        "IMAGE", StudyInstanceUID=cohort.ana.study, SeriesInstanceUID=cohort.ct[0].SeriesInstanceUID,
        SOPInstanceUID=[cohort.ct[0].SOPInstanceUID, cohort.ct[2].SOPInstanceUID],
    )
    assert len(found(archive, of_series)) == 2


def test_a_sequence(archive, cohort):
    """Matching within the items of a sequence (PS3.4, C.2.2.2.6)."""
    def asked(step):
        item = Dataset()
        item.ScheduledProcedureStepID, item.RequestedProcedureID = step, ""
        keys = {"StudyInstanceUID": cohort.ana.study, "SeriesInstanceUID": "", "RequestAttributesSequence": [item]}
        return found(archive, query("SERIES", **keys))

    matches = asked("S" + cohort.ana.accession)
    assert len(matches) == 2
    for match in matches:
        assert match.RequestAttributesSequence[0].RequestedProcedureID == "R" + cohort.ana.accession
    assert asked("nothing of that name") == []


def test_a_key_that_nobody_keeps_is_no_failure(archive, cohort):
    """What is not supported as a key is left out of matching and told by FF01, or is supported."""
    keys = {"StudyInstanceUID": cohort.ana.study, "ProcedureCodeSequence": [], "PatientComments": "", "AccessionNumber": ""}
    [match] = found(archive, query("STUDY", **keys))
    assert match.AccessionNumber == cohort.ana.accession


@pytest.mark.parametrize("charset", ["GB18030", "ISO_IR 192"])
def test_chinese(archive, cohort, charset):
    """In either character set images are found that came in the other, and the answer can be read."""
    for names in (cohort.li, cohort.wang):
        family, given = names.name.split("=")[1].split("^")
        for asked in (names.name, f"*={family}*", f"*{family}^{given}*"):
            keys = {"PatientName": asked, "StudyInstanceUID": "", "StudyDescription": "", "PatientID": names.patient}
            [match] = found(archive, query("STUDY", charset, **keys))
            assert match.PatientName.ideographic == f"{family}^{given}", asked
            assert match.StudyDescription == names.description
        assert studies(archive, charset, StudyDescription=names.description[0] + "*", PatientID=names.patient) == {names.study}


def test_counts(archive, cohort):
    counts = {
        "NumberOfPatientRelatedStudies": 2, "NumberOfPatientRelatedSeries": 4, "NumberOfPatientRelatedInstances": 7,
    }
    asked = query("PATIENT", PatientID=cohort.ana.patient, **dict.fromkeys(counts, ""))
    [match] = found(archive, asked, PatientRoot)
    assert {key: int(match[key].value) for key in counts} == counts
    asked = query(
        "STUDY", StudyInstanceUID=cohort.ana.study, ModalitiesInStudy="", NumberOfStudyRelatedSeries="",
        NumberOfStudyRelatedInstances="",
    )
    [match] = found(archive, asked)
    assert set(match.ModalitiesInStudy) == {"CT", "MR"}
    assert (match.NumberOfStudyRelatedSeries, match.NumberOfStudyRelatedInstances) == (2, 5)
    asked = query("SERIES", StudyInstanceUID=cohort.ana.study, SeriesInstanceUID="", NumberOfSeriesRelatedInstances="")
    assert sorted(match.NumberOfSeriesRelatedInstances for match in found(archive, asked)) == [2, 3]


def test_modalities_in_study(archive, cohort):
    name = f"{cohort.word}^*"
    assert studies(archive, PatientName=name, ModalitiesInStudy="MR") == {cohort.ana.study}
    assert studies(archive, PatientName=name, ModalitiesInStudy="US") == {cohort.later.study}
    assert studies(archive, PatientName=name, ModalitiesInStudy=["MR", "US"]) == {cohort.ana.study, cohort.later.study}
    assert studies(archive, PatientName=name, ModalitiesInStudy="NM") == set()


def test_only_what_was_asked_for_comes_back(archive, cohort):
    [match] = found(archive, query("STUDY", StudyInstanceUID=cohort.ana.study, StudyDate=""))
    named = {element.keyword for element in match}
    assert named >= {"StudyInstanceUID", "StudyDate", "QueryRetrieveLevel"}
    assert "PatientName" not in named and "PixelData" not in named
    address = {"RetrieveAETitle", "InstanceAvailability", "SpecificCharacterSet", "TimezoneOffsetFromUTC"}
    assert named <= {"StudyInstanceUID", "StudyDate", "QueryRetrieveLevel"} | address


def test_what_is_no_question_is_refused(archive, cohort):
    for identifier in (query("NOWHERE", PatientID="1"), query("", PatientID="1")):
        status, matches = ask(archive, identifier)
        assert matches == [] and status & 0xF000 in (0xA000, 0xC000), f"{status:04x}"
    assert archive.echo() < 1


def test_no_patient_level_in_the_study_root(archive, cohort):
    status, matches = ask(archive, query("PATIENT", PatientID=cohort.ana.patient), StudyRoot)
    assert matches == [] and status & 0xF000 in (0xA000, 0xC000), f"{status:04x}"


def test_series_without_their_study(archive, cohort):
    """Without relational queries the levels above must be named (PS3.4, C.4.1.3.1.1): refused, or right all the same."""
    asked = query("SERIES", SeriesInstanceUID=cohort.ct[0].SeriesInstanceUID, Modality="")
    status, matches = ask(archive, asked)
    if status & 0xF000 not in (0xA000, 0xC000):
        assert status == 0x0000
        assert [match.Modality for match in matches] == ["CT"]


def test_cancel(archive):
    """C-CANCEL ends the answers early (PS3.7, 9.3.2.3), and the association goes on."""
    patient = Names().patient
    names = [Names(patient=patient) for _ in range(60)]
    images = [image(one, "OT") for one in names]
    association = archive.associate([images[0].SOPClassUID])
    assert all(association.send_c_store(one).Status == 0x0000 for one in images)
    association.release()
    association = archive.associate([StudyRoot])
    identifier = query("STUDY", PatientID=patient, StudyInstanceUID="", NumberOfStudyRelatedInstances="")
    statuses = []
    for status, _ in association.send_c_find(identifier, StudyRoot, msg_id=7):
        statuses.append(status.Status)
        if len(statuses) == 1:
            association.send_c_cancel(7, query_model=StudyRoot)
    # All answers may have been on their way before the cancel came.
    assert statuses[-1] in (0xFE00, 0x0000)
    again = [status.Status for status, _ in association.send_c_find(identifier, StudyRoot, msg_id=9)]
    association.release()
    assert again.count(0xFF00) + again.count(0xFF01) == 60 and again[-1] == 0x0000


def test_findscu(archive, cohort, tmp_path):
    line = [
        "findscu", "-S", "-X", "-od", tmp_path, "-aet", "DCMTK", "-aec", archive.ae_title,
        "-k", "QueryRetrieveLevel=STUDY", "-k", f"PatientID={cohort.ana.patient}", "-k", "StudyInstanceUID",
        "-k", "StudyDate=20240101-20241231", archive.host, archive.port,
    ]
    ran = subprocess.run([str(word) for word in line], capture_output=True, text=True, timeout=30, check=False)
    assert ran.returncode == 0, ran.stderr
    matches = [dcmread(path, force=True) for path in tmp_path.iterdir()]
    assert {match.StudyInstanceUID for match in matches} == {cohort.ana.study, cohort.later.study}
