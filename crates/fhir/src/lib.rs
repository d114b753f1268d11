//! FHIR R4 over JSON documents: typed views, validation, search.
