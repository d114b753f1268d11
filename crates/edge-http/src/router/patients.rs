//! The routes of patients and their records, and of who works where.

use crate::directory;
use crate::directory::{corrections, record};
use crate::routes::{Route, get, post, put};
use crate::visits::quality;

pub(super) fn of_directory() -> Vec<Route> {
    vec![
        get("/api/patients", "Find patients", directory::patients),
        post("/api/patients", "Take in a patient", directory::create_patient),
        get("/api/patients/{patient}/chart", "A patient's chart", directory::chart),
        get("/api/patients/{patient}/links", "With whom a record is one", directory::identity::links),
        post("/api/patients/{patient}/merge", "Merge a record into another", directory::identity::merge),
        get("/api/patients/pairs", "Records that may be one person's", directory::identity::pairs),
        post("/api/patients/pairs/{pair}/different", "They are two people", directory::identity::different),
        post(
            "/api/patients/refusals/{refusal}/settle",
            "A refused identifier is settled",
            directory::identity::settle,
        ),
        get("/api/patients/merges", "Merges of late", directory::identity::merges),
        post("/api/patients/merges/{merge}/undo", "Undo a merge", directory::identity::undo),
        post("/api/patients/{patient}/problems", "Note a problem", record::add_problem),
        put("/api/patients/{patient}/problems/{entry}", "Change a problem", record::put_problem),
        post("/api/patients/{patient}/allergies", "Note an allergy", record::add_allergy),
        post("/api/patients/{patient}/allergies/none-known", "Asked, and none known", record::no_allergies),
        put("/api/patients/{patient}/allergies/{entry}", "Change an allergy", record::put_allergy),
        post("/api/patients/{patient}/medications", "Note what is taken", record::add_medication),
        put("/api/patients/{patient}/medications/{entry}", "Change what is taken", record::put_medication),
        put("/api/patients/{patient}/orders/{entry}", "Say what became of an order", record::follow_order),
        get(
            "/api/patients/{patient}/entries/{type}/{entry}/history",
            "Who changed what of an entry",
            record::versions,
        ),
        post("/api/emergencies", "Open a record in an emergency", directory::emergency),
        get("/api/corrections/count", "How many results were corrected", corrections::count).watching(),
        get("/api/corrections", "Results that were corrected after one saw them", corrections::list),
        post(
            "/api/corrections/{correction}/acknowledge",
            "One has seen a correction",
            corrections::acknowledge,
        ),
        get("/api/visit-types", "What can be booked", directory::visit_types),
        get("/api/practitioners", "Colleagues", directory::practitioners),
        get("/api/practitioners/to-ask", "Who with an account can be asked", directory::to_ask),
        get("/api/organizations", "Institutions to ask for an opinion", directory::organizations),
        get("/api/slots", "Slots of a clinician", directory::slots),
        get("/api/terms/diagnoses", "Codes for a diagnosis", directory::diagnoses),
        get("/api/quality/visits", "Quality over visits", quality::over),
    ]
}
