//! The routes of HL7 v2: who sends it, and the desk of its messages.

use crate::admin::messages;
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
    ]
}
