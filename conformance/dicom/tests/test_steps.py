"""Modality Performed Procedure Step (PS3.4, F.7): a device says that it began, what it made, and that it is done."""

import pytest
from pydicom import Dataset
from pynetdicom.sop_class import ModalityPerformedProcedureStep as Step

from images import Names, new_uid

ALREADY_THERE, NOT_THERE, NO_LONGER_CHANGED, MISSING = 0x0111, 0x0112, 0x0110, 0x0120


@pytest.fixture
def association(archive):
    association = archive.associate([Step])
    assert association.accepted_contexts
    yield association
    association.release()


def begun(names):
    """What stands in the request that creates a step (PS3.4, table F.7.2-1)."""
    set_ = Dataset()
    set_.SpecificCharacterSet = "ISO_IR 192"
    scheduled = Dataset()
    scheduled.StudyInstanceUID, scheduled.AccessionNumber = names.study, names.accession
    scheduled.RequestedProcedureID = scheduled.ScheduledProcedureStepID = "S1"
    scheduled.RequestedProcedureDescription = scheduled.ScheduledProcedureStepDescription = "Chest"
    scheduled.ReferencedStudySequence = scheduled.ScheduledProtocolCodeSequence = []
    set_.ScheduledStepAttributesSequence = [scheduled]
    set_.PatientName, set_.PatientID, set_.PatientBirthDate, set_.PatientSex = names.name, names.patient, "19700506", "F"
    set_.ReferencedPatientSequence, set_.ProcedureCodeSequence = [], []
    set_.PerformedProcedureStepID, set_.PerformedStationAETitle = "P1", "TESTS"
    set_.PerformedStationName = set_.PerformedLocation = set_.PerformedProcedureStepDescription = ""
    set_.PerformedProcedureStepStartDate, set_.PerformedProcedureStepStartTime = names.date, "101112"
    set_.PerformedProcedureStepStatus, set_.PerformedProcedureTypeDescription = "IN PROGRESS", ""
    set_.PerformedProcedureStepEndDate = set_.PerformedProcedureStepEndTime = ""
    set_.Modality, set_.StudyID = "CT", "1"
    set_.PerformedProtocolCodeSequence, set_.PerformedSeriesSequence = [], []
    return set_


def ended(status="COMPLETED"):
    set_ = Dataset()
    set_.PerformedProcedureStepStatus = status
    set_.PerformedProcedureStepEndDate, set_.PerformedProcedureStepEndTime = "20240315", "102030"
    series = Dataset()
    series.SeriesInstanceUID, series.ProtocolName, series.SeriesDescription = new_uid(), "Chest", ""
    series.RetrieveAETitle = series.PerformingPhysicianName = series.OperatorsName = ""
    series.ReferencedImageSequence = series.ReferencedNonImageCompositeSOPInstanceSequence = []
    set_.PerformedSeriesSequence = [series]
    return set_


@pytest.mark.parametrize("end", ["COMPLETED", "DISCONTINUED"])
def test_a_step_from_its_begin_to_its_end(association, end):
    uid = new_uid()
    status, _ = association.send_n_create(begun(Names()), Step, uid)
    assert status.Status == 0x0000
    status, _ = association.send_n_set(ended(end), Step, uid)
    assert status.Status == 0x0000
    status, _ = association.send_n_set(ended(), Step, uid)
    assert status.Status == NO_LONGER_CHANGED


def test_two_steps_with_one_uid(association):
    uid = new_uid()
    assert association.send_n_create(begun(Names()), Step, uid)[0].Status == 0x0000
    assert association.send_n_create(begun(Names()), Step, uid)[0].Status == ALREADY_THERE


def test_a_step_that_never_began(association):
    assert association.send_n_set(ended(), Step, new_uid())[0].Status == NOT_THERE


def test_a_step_begins_in_progress(association):
    for wrong in ("COMPLETED", "SOMETHING", ""):
        set_ = begun(Names())
        set_.PerformedProcedureStepStatus = wrong
        assert association.send_n_create(set_, Step, new_uid())[0].Status != 0x0000, wrong


def test_a_step_without_what_it_must_have(association):
    for name in ("PerformedProcedureStepStatus", "ScheduledStepAttributesSequence", "Modality"):
        set_ = begun(Names())
        del set_[name]
        assert association.send_n_create(set_, Step, new_uid())[0].Status in (MISSING, 0x0106), name
