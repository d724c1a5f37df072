"""What the header says of the kind of an image, without a word about the patient."""

from service.imaging.dicom.file import DicomFile
from service.imaging.dicom.functional_groups import FunctionalGroups
from service.imaging.dicom.header import Header
from service.imaging.dicom.transfer_syntax import uid_or_nothing
from service.imaging.picture import DicomFacts

_FRAME_TYPES = ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence")


def read_facts(file: DicomFile, groups: FunctionalGroups, frame: int) -> DicomFacts:
    """Read the facts of a frame; an element that is absent, or no code where one must stand, is empty."""
    header = file.header
    types = (groups.macro(keyword, frame) for keyword in _FRAME_TYPES)
    frame_type = next((codes for item in types if item and (codes := item.codes("FrameType"))), ())
    return DicomFacts(
        sop_class=uid_or_nothing(file.sop_class),
        transfer_syntax=uid_or_nothing(file.syntax),
        modality=header.code("Modality"),
        image_type=frame_type or header.codes("ImageType"),
        body_part=header.code("BodyPartExamined"),
        anatomic_region=_region(groups.macro("FrameAnatomySequence", frame) or header),
        burned_in_annotation=header.code("BurnedInAnnotation"),
    )


def read_spacing(header: Header, groups: FunctionalGroups, frame: int) -> tuple[float, float] | None:
    """Return the distance of rows and of columns in mm (PS3.3 section 10.7), None where it is not stated."""
    texts = (groups.macro("PixelMeasuresSequence", frame) or header).texts("PixelSpacing")
    try:
        rows, columns = (float(text) for text in texts[:2])
    except ValueError:
        return None
    return (rows, columns) if 0 < rows < float("inf") and 0 < columns < float("inf") else None


def _region(source: Header) -> str:
    """Return scheme and value of the coded region, such as `SCT:69536005`; its meaning is free text and left out."""
    for item in source.items("AnatomicRegionSequence")[:1]:
        scheme, value = item.token("CodingSchemeDesignator"), item.token("CodeValue")
        return f"{scheme}:{value}" if scheme and value else ""
    return ""
