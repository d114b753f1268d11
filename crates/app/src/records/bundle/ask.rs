//! A read inside of a Bundle: what GET would answer.

use bianque_fhir::bundle::Answered;
use bianque_model::{Context, ResourceId};

use super::entry::Address;
use crate::records::history::{self, Wanted, Whose};
use crate::records::operations::everything::{Whole, everything};
use crate::records::operations::last_n::last_n;
use crate::records::operations::meta::meta;
use crate::records::{Asked, Record, read, search, vread};
use crate::{App, Error};

/// Answers a GET of an address.
pub(super) async fn ask(app: &App, context: &Context, address: &Address) -> Result<Answered, Error> {
    let path: Vec<&str> = address.path.iter().map(String::as_str).collect();
    let pairs = &address.pairs;
    let whole = |body| Answered { status: 200, resource: Some(body), ..Answered::default() };
    Ok(match path.as_slice() {
        [] => whole(search::everywhere(app, context, pairs, false).await?),
        ["_history"] => whole(history::history(app, context, Whose::Everything, Wanted::read(pairs)?).await?),
        ["Observation", "$lastn"] => whole(last_n(app, context, pairs).await?),
        [kind @ ("Patient" | "Encounter"), id, "$everything"] => {
            let kind = if *kind == "Patient" { Whole::Patient } else { Whole::Encounter };
            let asked = Asked::read(pairs.clone(), None)?;
            whole(everything(app, context, kind, &id_of(id)?, &asked).await?)
        }
        [resource_type, id, "$meta"] => {
            let asked = Asked::read(pairs.clone(), None)?;
            whole(meta(app, context, resource_type, &id_of(id)?, &asked).await?)
        }
        [resource_type] => whole(search::search(app, context, resource_type, pairs, false).await?),
        [resource_type, "_history"] => {
            whole(history::history(app, context, Whose::Type(resource_type), Wanted::read(pairs)?).await?)
        }
        [resource_type, id] => record(read::read(app, context, resource_type, &id_of(id)?).await?),
        [resource_type, id, "_history"] => {
            let id = id_of(id)?;
            let whose = Whose::Resource(resource_type, &id);
            whole(history::history(app, context, whose, Wanted::read(pairs)?).await?)
        }
        [kind, id, member] => {
            whole(search::compartment(app, context, (kind, &id_of(id)?), member, pairs, false).await?)
        }
        [resource_type, id, "_history", version] => {
            let version = version.parse().map_err(|_| Error::not_found())?;
            record(vread::vread(app, context, resource_type, &id_of(id)?, version).await?)
        }
        _ => return Err(Error::not_found()),
    })
}

fn record(record: Record) -> Answered {
    Answered {
        status: 200,
        version: Some(record.version),
        last_modified: Some(record.last_updated),
        resource: Some(record.body),
        ..Answered::default()
    }
}

fn id_of(text: &str) -> Result<ResourceId, Error> {
    text.parse().map_err(|_| Error::not_found())
}
