"""A result as the objects that hospital systems take: DICOM SR and Secondary Capture, FHIR R4, HL7 v2."""
