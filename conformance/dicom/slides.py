"""A slide of pathology that is made here: a pyramid of VL Whole Slide Microscopy images (PS3.3, A.32.8), tiled in full or
sparsely, in JPEG Baseline, with an Extended Offset Table or a Basic one."""

import io

import numpy
from PIL import Image, ImageCms
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import JPEGBaseline8Bit

from images import finish, new_uid

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
# Millimetres of a pixel of the largest level.
SPACING = 0.0005


def code(value, scheme, meaning):
    set_ = Dataset()
    set_.CodeValue, set_.CodingSchemeDesignator, set_.CodeMeaning = value, scheme, meaning
    return set_


def item(**values):
    set_ = Dataset()
    for key, value in values.items():
        setattr(set_, key, value)
    return set_


class Slide:
    """The images of a slide and the tiles that they were made of, by level and place."""

    def __init__(self, names, size=1024, tile=256, levels=3, sparse=False, extended=True):
        self.names, self.tile, self.sparse, self.extended = names, tile, sparse, extended
        self.series, self.frame_of_reference, self.dimension = new_uid(), new_uid(), new_uid()
        self.pyramid, self.specimen, self.container = new_uid(), new_uid(), f"SLIDE-{names.accession}"
        y, x = numpy.mgrid[0:size, 0:size]
        self.picture = Image.fromarray(numpy.dstack([x // 4 % 256, y // 4 % 256, (x ^ y) % 256]).astype("u1"))
        self.tiles, self.images = {}, []
        for level in range(levels):
            self.images.append(self._level(level, size >> level))

    def _level(self, level, size):
        picture = self.picture.resize((size, size))
        count = size // self.tile
        places = [(row, column) for row in range(count) for column in range(count)]
        if self.sparse:
            # A corner of glass without tissue.
            places = [place for place in places if sum(place) < 2 * count - 2] if count > 1 else places
        for row, column in places:
            box = (column * self.tile, row * self.tile, (column + 1) * self.tile, (row + 1) * self.tile)
            out = io.BytesIO()
            picture.crop(box).save(out, "JPEG", quality=90, subsampling=1)
            self.tiles[level, row, column] = out.getvalue()
        set_ = self._image(level, size)
        self._functional_groups(set_, level, places)
        frames = [self.tiles[level, row, column] for row, column in places]
        set_.NumberOfFrames = len(frames)
        if self.extended:
            data, set_.ExtendedOffsetTable, set_.ExtendedOffsetTableLengths = encapsulate_extended(frames)
        else:
            data = encapsulate(frames, has_bot=True)
        set_.add_new(0x7FE00010, "OB", data)
        set_["PixelData"].is_undefined_length = True
        return finish(set_, JPEGBaseline8Bit)

    def _image(self, level, size):
        set_ = FileDataset(None, Dataset(), bytes(128), FileMetaDataset(), is_implicit_VR=False, is_little_endian=True)
        original = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]
        set_.ImageType = original if level == 0 else ["DERIVED", "PRIMARY", "VOLUME", "RESAMPLED"]
        set_.SpecificCharacterSet = "ISO_IR 192"
        set_.SOPClassUID, set_.SOPInstanceUID = WHOLE_SLIDE, new_uid()
        set_.StudyDate = set_.ContentDate = self.names.date
        set_.StudyTime = set_.ContentTime = "120000"
        set_.AcquisitionDateTime = self.names.date + "120000"
        set_.AccessionNumber, set_.Modality, set_.Manufacturer = self.names.accession, "SM", "Synthetic"
        set_.ManufacturerModelName, set_.DeviceSerialNumber, set_.SoftwareVersions = "Slide", "1", "1"
        set_.PatientName, set_.PatientID = self.names.name, self.names.patient
        set_.PatientBirthDate, set_.PatientSex, set_.ReferringPhysicianName = "19700506", "F", ""
        set_.StudyInstanceUID, set_.SeriesInstanceUID = self.names.study, self.series
        set_.StudyID, set_.SeriesNumber, set_.InstanceNumber = "1", 1, level + 1
        set_.FrameOfReferenceUID, set_.PositionReferenceIndicator = self.frame_of_reference, "SLIDE_CORNER"
        set_.PyramidUID, set_.VolumetricProperties = self.pyramid, "VOLUME"
        set_.ContainerIdentifier, set_.IssuerOfTheContainerIdentifierSequence = self.container, []
        set_.ContainerTypeCodeSequence = [code("433466003", "SCT", "Microscope slide")]
        set_.AcquisitionContextSequence = []
        specimen = item(SpecimenIdentifier="1", SpecimenUID=self.specimen)
        specimen.IssuerOfTheSpecimenIdentifierSequence = specimen.SpecimenPreparationSequence = []
        set_.SpecimenDescriptionSequence = [specimen]
        set_.SpecimenLabelInImage, set_.BurnedInAnnotation = "NO", "NO"
        set_.FocusMethod, set_.ExtendedDepthOfField = "AUTO", "NO"
        set_.SamplesPerPixel, set_.PhotometricInterpretation, set_.PlanarConfiguration = 3, "YBR_FULL_422", 0
        set_.Rows = set_.Columns = self.tile
        set_.BitsAllocated = set_.BitsStored = 8
        set_.HighBit, set_.PixelRepresentation = 7, 0
        set_.LossyImageCompression, set_.LossyImageCompressionRatio = "01", "10"
        set_.LossyImageCompressionMethod = "ISO_10918_1"
        set_.TotalPixelMatrixColumns = set_.TotalPixelMatrixRows = size
        set_.TotalPixelMatrixFocalPlanes = 1
        set_.ImagedVolumeWidth = set_.ImagedVolumeHeight = self.picture.width * SPACING
        set_.ImagedVolumeDepth = 0.003
        set_.ImageOrientationSlide = [0, -1, 0, -1, 0, 0]
        origin = item(XOffsetInSlideCoordinateSystem="20", YOffsetInSlideCoordinateSystem="40")
        set_.TotalPixelMatrixOriginSequence = [origin]
        set_.OpticalPathSequence, set_.NumberOfOpticalPaths = [_optical_path()], 1
        return set_

    def _functional_groups(self, set_, level, places):
        set_.DimensionOrganizationType = "TILED_SPARSE" if self.sparse else "TILED_FULL"
        set_.DimensionOrganizationSequence = [item(DimensionOrganizationUID=self.dimension)]
        set_.DimensionIndexSequence = [
            item(DimensionOrganizationUID=self.dimension, DimensionIndexPointer=tag, FunctionalGroupPointer=0x0048021A)
            for tag in (0x0048021E, 0x0048021F)
        ]
        spacing = SPACING * (1 << level)
        shared = item(
            PixelMeasuresSequence=[item(PixelSpacing=[spacing, spacing], SliceThickness="0.003")],
            WholeSlideMicroscopyImageFrameTypeSequence=[item(FrameType=list(set_.ImageType))],
            OpticalPathIdentificationSequence=[item(OpticalPathIdentifier="1")],
        )
        set_.SharedFunctionalGroupsSequence = [shared]
        if self.sparse:
            set_.PerFrameFunctionalGroupsSequence = [self._place(row, column, spacing) for row, column in places]

    def _place(self, row, column, spacing):
        position = item(
            ColumnPositionInTotalImagePixelMatrix=column * self.tile + 1,
            RowPositionInTotalImagePixelMatrix=row * self.tile + 1,
            XOffsetInSlideCoordinateSystem=f"{20 - row * self.tile * spacing:.6f}",
            YOffsetInSlideCoordinateSystem=f"{40 - column * self.tile * spacing:.6f}",
            ZOffsetInSlideCoordinateSystem="0",
        )
        content = item(DimensionIndexValues=[column + 1, row + 1])
        return item(PlanePositionSlideSequence=[position], FrameContentSequence=[content])


def _optical_path():
    path = item(OpticalPathIdentifier="1", OpticalPathDescription="Brightfield", ObjectiveLensPower="20")
    path.IlluminationTypeCodeSequence = [code("111744", "DCM", "Brightfield illumination")]
    path.IlluminationColorCodeSequence = [code("414298005", "SCT", "Full Spectrum")]
    path.ICCProfile, path.ColorSpace = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), "SRGB"
    return path
