//! The routes of images: peers of DICOM, and DICOMweb.

use crate::admin::peers;
use crate::dicomweb::{BODY_LIMIT, PATIENCE, frames, qido, rendered, stow, wado};
use crate::routes::{Route, delete, get, post, put};

pub(super) fn of_images() -> Vec<Route> {
    let mut all = of_peers();
    all.extend(searched());
    all.extend(retrieved());
    all.extend(pictures());
    all
}

fn of_peers() -> Vec<Route> {
    vec![
        get("/api/admin/peers", "Application entities of DICOM", peers::list),
        post("/api/admin/peers", "Make a peer of DICOM", peers::make).fresh(),
        put("/api/admin/peers/{peer}", "Say what a peer of DICOM may", peers::set).fresh(),
        delete("/api/admin/peers/{peer}", "Take a peer of DICOM away", peers::remove).fresh(),
    ]
}

fn searched() -> Vec<Route> {
    vec![
        get("/dicomweb/studies", "Search studies", qido::studies),
        get("/dicomweb/series", "Search series", qido::series),
        get("/dicomweb/instances", "Search instances", qido::instances),
        get("/dicomweb/studies/{study}/series", "Search series of a study", qido::series),
        get("/dicomweb/studies/{study}/instances", "Search instances of a study", qido::instances),
        get(
            "/dicomweb/studies/{study}/series/{series}/instances",
            "Search instances of a series",
            qido::instances,
        ),
        post("/dicomweb/studies", "Store instances", stow::store).body_limit(BODY_LIMIT).patience(PATIENCE),
        post("/dicomweb/studies/{study}", "Store instances of a study", stow::store_in_study)
            .body_limit(BODY_LIMIT)
            .patience(PATIENCE),
    ]
}

fn retrieved() -> Vec<Route> {
    vec![
        get("/dicomweb/studies/{study}", "The instances of a study", wado::instances).patience(PATIENCE),
        get("/dicomweb/studies/{study}/metadata", "What a study's instances say", wado::metadata)
            .patience(PATIENCE),
        get("/dicomweb/studies/{study}/series/{series}", "The instances of a series", wado::instances)
            .patience(PATIENCE),
        get(
            "/dicomweb/studies/{study}/series/{series}/metadata",
            "What a series' instances say",
            wado::metadata,
        )
        .patience(PATIENCE),
        get("/dicomweb/studies/{study}/series/{series}/instances/{instance}", "An instance", wado::instances)
            .patience(PATIENCE),
        get(
            "/dicomweb/studies/{study}/series/{series}/instances/{instance}/metadata",
            "What an instance says",
            wado::metadata,
        ),
        get(
            "/dicomweb/studies/{study}/series/{series}/instances/{instance}/bulkdata/{*path}",
            "Bulk data of an instance",
            wado::bulk_data,
        )
        .patience(PATIENCE),
        get(
            "/dicomweb/studies/{study}/series/{series}/instances/{instance}/frames/{frames}",
            "Frames of an instance",
            frames::retrieve,
        )
        .patience(PATIENCE),
    ]
}

fn pictures() -> Vec<Route> {
    vec![
        get(
            "/dicomweb/studies/{study}/series/{series}/instances/{instance}/rendered",
            "An instance as a picture",
            rendered::instance,
        ),
        get(
            "/dicomweb/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered",
            "A frame as a picture",
            rendered::frame,
        ),
        get(
            "/dicomweb/studies/{study}/series/{series}/instances/{instance}/thumbnail",
            "A small picture of an instance",
            rendered::instance_thumbnail,
        ),
        get("/dicomweb/studies/{study}/thumbnail", "A small picture of a study", rendered::thumbnail),
        get(
            "/dicomweb/studies/{study}/series/{series}/thumbnail",
            "A small picture of a series",
            rendered::thumbnail,
        ),
    ]
}
