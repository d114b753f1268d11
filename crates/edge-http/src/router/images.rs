//! The routes of images: peers of DICOM, and DICOMweb.

use crate::admin::peers;
use crate::routes::{Route, delete, get, post, put};

pub(super) fn of_images() -> Vec<Route> {
    vec![
        get("/api/admin/peers", "Application entities of DICOM", peers::list),
        post("/api/admin/peers", "Make a peer of DICOM", peers::make).fresh(),
        put("/api/admin/peers/{peer}", "Say what a peer of DICOM may", peers::set).fresh(),
        delete("/api/admin/peers/{peer}", "Take a peer of DICOM away", peers::remove).fresh(),
    ]
}
