//! The routes of HL7 v2: who sends it, whom it goes to, and the desk of its messages.

use crate::admin::{messages, outgoing};
use crate::routes::{Route, delete, get, post, put};

pub(super) fn of_lines() -> Vec<Route> {
    vec![
        get("/api/admin/messages", "Messages of HL7 v2", messages::list),
        get("/api/admin/messages/flow", "How messages flow", messages::flow),
        post("/api/admin/messages/replay", "Try messages again", messages::replay).fresh(),
        get("/api/admin/messages/{message}", "A message and what it is mapped to", messages::show),
        post("/api/admin/messages/{message}/settle", "Leave a message as it is", messages::settle).fresh(),
        get("/api/admin/senders", "Who sends HL7 v2", messages::senders),
        post("/api/admin/senders", "Make a sender", messages::make_sender).fresh(),
        put("/api/admin/senders/{sender}", "Say what a sender may", messages::set_sender).fresh(),
        delete("/api/admin/senders/{sender}", "Take a sender away", messages::remove_sender).fresh(),
        get("/api/admin/destinations", "Whom HL7 v2 goes to", outgoing::destinations),
        post("/api/admin/destinations", "Make a destination", outgoing::make).fresh(),
        put("/api/admin/destinations/{destination}", "Say what a destination is told", outgoing::set).fresh(),
        delete("/api/admin/destinations/{destination}", "Take a destination away", outgoing::remove).fresh(),
        post("/api/admin/destinations/{destination}/pause", "Hold messages back", outgoing::pause).fresh(),
        post("/api/admin/destinations/{destination}/try", "Try a destination now", outgoing::try_now).fresh(),
        get("/api/admin/outgoing", "Messages that go out", outgoing::list),
        get("/api/admin/outgoing/flow", "How messages flow out", outgoing::flow),
        post("/api/admin/outgoing/resend", "Send messages again", outgoing::resend).fresh(),
        get("/api/admin/outgoing/{message}", "A message that goes out and its answer", outgoing::show),
        post("/api/admin/outgoing/{message}/drop", "Drop a message", outgoing::drop).fresh(),
    ]
}
