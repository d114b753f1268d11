"""Images that are made here, and the patients of whom they are."""

import io
import uuid
import zlib

import numpy
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit
from PIL import Image

CLASSES = {
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
    "OT": "1.2.840.10008.5.1.4.1.1.7",
}


def new_uid():
    """A UID that nobody has had (PS3.5, B.2)."""
    return UID(f"2.25.{uuid.uuid4().int}")


class Names:
    """What identifies a patient and a study, made anew for each run, so that runs do not find each other's."""

    def __init__(self, charset="ISO_IR 192", name="Reyes^Ana", date="20240315", **more):
        self.charset, self.name, self.date = charset, name, date
        self.patient = more.get("patient") or "T" + uuid.uuid4().hex[:10].upper()
        self.study, self.accession = new_uid(), "A" + uuid.uuid4().hex[:10].upper()
        self.description = more.get("description", "Chest")


def image(names, modality="CT", series=None, number=1, rows=32, columns=24):
    """An image with pixels of its own."""
    set_ = FileDataset(None, Dataset(), bytes(128), FileMetaDataset(), is_implicit_VR=False, is_little_endian=True)
    set_.SpecificCharacterSet = names.charset
    set_.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    set_.SOPClassUID, set_.SOPInstanceUID = CLASSES[modality], new_uid()
    set_.StudyDate = set_.SeriesDate = set_.ContentDate = names.date
    set_.StudyTime = set_.ContentTime = "101112"
    set_.AccessionNumber, set_.Modality = names.accession, modality
    set_.StudyDescription, set_.SeriesDescription = names.description, f"{modality} series"
    set_.ReferringPhysicianName = "Fry^Doctor"
    set_.PatientName, set_.PatientID = names.name, names.patient
    set_.PatientBirthDate, set_.PatientSex = "19700506", "F"
    set_.StudyInstanceUID, set_.SeriesInstanceUID = names.study, series or new_uid()
    set_.StudyID, set_.SeriesNumber, set_.InstanceNumber = "1", 1, number
    _request(set_, names)
    pixels = numpy.random.default_rng(number).integers(0, 4000, (rows, columns), dtype="<u2")
    if modality == "OT":
        set_.ConversionType = "WSD"
    elif modality == "US":
        pixels = (pixels >> 4).astype("u1")
    else:
        set_.PixelSpacing, set_.WindowCenter, set_.WindowWidth = ["0.5", "0.5"], "1000", "2000"
        set_.RescaleIntercept, set_.RescaleSlope = "-1024", "1"
    _pixels(set_, pixels)
    return finish(set_, ExplicitVRLittleEndian)


def _request(set_, names):
    """What the study was ordered for, as a sequence that can be searched in."""
    asked = Dataset()
    asked.ScheduledProcedureStepID, asked.RequestedProcedureID = "S" + names.accession, "R" + names.accession
    set_.RequestAttributesSequence = [asked]


def _pixels(set_, pixels):
    set_.SamplesPerPixel, set_.PhotometricInterpretation = 1, "MONOCHROME2"
    set_.Rows, set_.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        set_.NumberOfFrames = pixels.shape[0]
    bits = pixels.dtype.itemsize * 8
    set_.BitsAllocated, set_.BitsStored, set_.HighBit, set_.PixelRepresentation = bits, bits, bits - 1, 0
    set_.add_new(0x7FE00010, "OB" if bits == 8 else "OW", pixels.tobytes())


def multiframe(names, frames=7):
    """A loop of ultrasound, native."""
    set_ = image(names, "US")
    set_.SOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1"
    del set_.PixelData
    set_.add_new(0x00181063, "DS", "40")
    set_.add_new(0x00280009, "AT", 0x00181063)
    _pixels(set_, numpy.random.default_rng(3).integers(0, 255, (frames, 20, 30), dtype="u1"))
    return finish(set_, ExplicitVRLittleEndian)


def jpeg(side=64, seed=0):
    """A picture of some colours."""
    y, x = numpy.mgrid[0:side, 0:side]
    planes = [(x * 3 + seed * 40) % 256, (y * 3) % 256, (x + y + seed * 9) % 256]
    out = io.BytesIO()
    Image.fromarray(numpy.dstack(planes).astype("u1")).save(out, "JPEG", quality=90, subsampling=1)
    return out.getvalue()


def jpeg_frames(names, frames=3, fragments=1, offsets=True):
    """Frames in JPEG Baseline, each in so many fragments, with or without a Basic Offset Table; the object and its frames."""
    from pydicom.encaps import encapsulate

    set_ = image(names, "OT")
    set_.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7.4"
    pictures = [jpeg(seed=seed) for seed in range(frames)]
    set_.NumberOfFrames, set_.SamplesPerPixel, set_.PlanarConfiguration = frames, 3, 0
    set_.PhotometricInterpretation, set_.Rows, set_.Columns = "YBR_FULL_422", 64, 64
    set_.BitsAllocated = set_.BitsStored = 8
    set_.HighBit = 7
    set_.add_new(0x7FE00010, "OB", encapsulate(pictures, fragments_per_frame=fragments, has_bot=offsets))
    set_["PixelData"].is_undefined_length = True
    return finish(set_, JPEGBaseline8Bit), pictures


def finish(set_, syntax):
    set_.file_meta = FileMetaDataset()
    set_.file_meta.MediaStorageSOPClassUID = set_.SOPClassUID
    set_.file_meta.MediaStorageSOPInstanceUID = set_.SOPInstanceUID
    set_.file_meta.TransferSyntaxUID = syntax
    return set_


def file_of(set_):
    """The bytes of a file."""
    out = io.BytesIO()
    set_.save_as(out, enforce_file_format=True)
    return out.getvalue()


def deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


class Cohort:
    """Patients of a clinic: two studies of Ana Reyes, one in Chinese in each of two character sets, an ultrasound loop."""

    def __init__(self):
        # A word in every name by which this run's patients are told from others'.
        self.word = "Q" + uuid.uuid4().hex[:8].upper()
        self.ana = Names(name=f"{self.word}^Ana", date="20240315")
        self.later = Names(name=f"{self.word}^Ana", date="20240420", patient=self.ana.patient, description="Head")
        self.li = Names("GB18030", f"Li{self.word}^Wei=李{self.word}^伟", "20231231", description="胸部")
        self.wang = Names("ISO_IR 192", f"Wang{self.word}^Fang=王{self.word}^芳", "20240101", description="头部")
        first, second, third = new_uid(), new_uid(), new_uid()
        self.ct = [image(self.ana, "CT", first, number) for number in (1, 2, 3)]
        self.mr = [image(self.ana, "MR", second, number) for number in (1, 2)]
        self.us = [image(self.later, "US", third, 1), multiframe(self.later)]
        self.chinese = [image(self.li), image(self.wang)]

    @property
    def images(self):
        return self.ct + self.mr + self.us + self.chinese

    def store(self, archive):
        association = archive.associate(sorted({one.SOPClassUID for one in self.images}))
        assert association.is_established
        for one in self.images:
            status = association.send_c_store(one)
            assert status.Status == 0x0000, f"{one.SOPClassUID.name}: {status}"
        association.release()
