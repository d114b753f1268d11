//! Maps messages: `cargo run -p bianque-mapping --example map -- FILE...` prints the resources of each, and what was left out.
#![expect(clippy::print_stdout, reason = "it reads files, and its output is its result")]

use bianque_hl7v2::{Charset, Message};
use bianque_mapping::{Sender, to_fhir};

fn main() {
    let sender = Sender { zone: jiff::tz::TimeZone::UTC, authorities: Vec::new(), own: None };
    for file in std::env::args().skip(1) {
        let Ok(bytes) = std::fs::read(&file) else {
            println!("{file}: cannot be read");
            continue;
        };
        let mapped = Message::parse(bytes, Charset::UTF_8).map(|message| to_fhir(&message, &sender));
        match mapped {
            Err(error) => println!("{file}: {error}"),
            Ok(Err(error)) => println!("{file}: {error}"),
            Ok(Ok(mapped)) => {
                println!("{file}: {:?}", mapped.kind);
                for entry in mapped.entries {
                    println!("{} {}", entry.name, serde_json::Value::Object(entry.resource));
                }
                for fault in mapped.faults {
                    println!(
                        "left out: {} {}",
                        fault.at.map(|at| at.to_string()).unwrap_or_default(),
                        fault.text
                    );
                }
            }
        }
    }
}
