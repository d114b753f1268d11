//! A transaction: all entries in one commit, or none of them.
//!
//! Every condition is asked of what stood before the transaction, and held to it by the commit. Reads are answered from
//! what stands afterwards.

use std::collections::HashSet;

use bianque_fhir::bundle::Answered;
use bianque_fhir::{Issue, IssueCode};
use bianque_model::Context;
use bianque_store::CommitError;
use serde_json::Value;

use super::entry::Address;
use super::names::{self, Names};
use super::{Entry, ask, written};
use crate::records::outcome::refused;
use crate::records::write::{Aim, Aimed, Planned, What, Write, duplicate, stale};
use crate::records::{base, identity, outcome};
use crate::{App, Change, Error, ErrorKind};

/// How often a transaction is tried against others who write the same.
const ATTEMPTS: usize = 4;

/// A write with its place in the Bundle and what others of it call its resource.
struct Wanted {
    place: usize,
    write: Write,
    name: String,
}

/// A planned write, and which expectations of the commit are its own.
struct Step {
    place: usize,
    planned: Planned,
    expectations: usize,
}

/// The answers, in the order of the entries.
pub(super) async fn process(
    app: &App,
    context: &Context,
    entries: Vec<Value>,
    representation: bool,
) -> Result<Vec<Answered>, Error> {
    let mut answers: Vec<Answered> = entries.iter().map(|_| Answered::default()).collect();
    let (mut wanted, mut reads) = (Vec::new(), Vec::<(usize, Address)>::new());
    let base = base(app, context.tenant);
    for (place, entry) in entries.into_iter().enumerate() {
        match Entry::read(&base, entry).map_err(|error| at(place, error))? {
            Entry::Write(write, name) => wanted.push(Wanted { place, write, name }),
            Entry::Read(address) => reads.push((place, address)),
        }
    }
    for (place, told) in write_all(app, context, &wanted, representation).await? {
        answers[place] = told;
    }
    for (place, address) in reads {
        answers[place] = ask::ask(app, context, &address).await.map_err(|error| at(place, error))?;
    }
    Ok(answers)
}

async fn write_all(
    app: &App,
    context: &Context,
    wanted: &[Wanted],
    representation: bool,
) -> Result<Vec<(usize, Answered)>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    for _ in 0..ATTEMPTS {
        let mut change = Change::new(app, context);
        let (steps, aimed) = plan(app, context, wanted, &mut change).await?;
        let (index, error) = match change.try_commit().await {
            Ok(committed) => {
                let told = steps
                    .into_iter()
                    .map(|step| Ok((step.place, written(step.planned.told(&committed)?, representation))));
                return told.collect();
            }
            Err(error @ (CommitError::Version { index, .. } | CommitError::Matched { index, .. })) => {
                (index, error)
            }
            Err(error) => return Err(error.into()),
        };
        // Whose expectation it was; what conditions matched comes before those of all steps.
        let place = steps.iter().find(|step| index < step.expectations).filter(|_| index >= aimed);
        let place = place.map(|step| step.place);
        let pinned = wanted.iter().any(|one| Some(one.place) == place && one.write.is_pinned());
        match (error, place) {
            (CommitError::Version { current, .. }, Some(place)) if pinned => {
                return Err(at(place, stale(current)));
            }
            // Somebody has an identifier that only one may have: that stays so however often it is tried.
            (CommitError::Matched { .. }, Some(place)) if !conditional(wanted, place) => {
                return Err(at(place, duplicate()));
            }
            _ => {}
        }
    }
    Err(Error::conflict("fhir.changed", "others are writing the same; try again"))
}

/// Aims every write, then gives the names of here to all, then puts each into the change. Also how many expectations the
/// aiming had.
async fn plan(
    app: &App,
    context: &Context,
    wanted: &[Wanted],
    change: &mut Change<'_>,
) -> Result<(Vec<Step>, usize), Error> {
    let (mut aimed, mut names, mut touched) =
        (Vec::with_capacity(wanted.len()), Names::new(), HashSet::new());
    let mut conditions = HashSet::new();
    for Wanted { place, write, name } in wanted {
        if let What::Create { unless: Some(condition), .. } = &write.what
            && !conditions.insert((&write.resource_type, condition))
        {
            let issue = Issue::error(IssueCode::Invalid, "two entries create a resource under one condition");
            return Err(at(*place, refused(ErrorKind::Malformed, "fhir.malformed", &[issue])));
        }
        let one = write.clone().aim(app, context, change).await.map_err(|error| at(*place, error))?;
        let own = format!("{}/{}", one.resource_type, one.id);
        if !name.is_empty() {
            // Within a Bundle, a relative reference is to the resource whose name ends with it.
            let relative = name.starts_with("http").then(|| name.rmatch_indices('/').nth(1)).flatten();
            names.extend(relative.map(|(at, _)| (name[at + 1..].to_owned(), own.clone())));
            names.insert(name.clone(), own.clone());
        }
        if !matches!(one.aim, Aim::Nothing(_)) && !touched.insert(own) {
            let issue = Issue::error(IssueCode::Invalid, "two entries write the same resource");
            return Err(at(*place, refused(ErrorKind::Malformed, "fhir.malformed", &[issue])));
        }
        aimed.push((*place, one));
    }
    let (mut steps, expectations) = (Vec::with_capacity(aimed.len()), change.expectations());
    let mut identifiers = HashSet::new();
    for (place, mut one) in aimed {
        let planned = async {
            if let Aimed { aim: Aim::New(resource) | Aim::Replace(resource, _), .. } = &mut one {
                names::follow(app, context, resource, &mut names, change).await?;
            }
            one.plan(app, context, change).await
        };
        let planned = planned.await.map_err(|error| at(place, error))?;
        // The commit looks at what stood before it, and not at what else it writes.
        if let Some((resource, _)) = &planned.written
            && !identity::refused(app, context, resource)
                .await?
                .into_iter()
                .all(|identifier| identifiers.insert(identifier))
        {
            return Err(at(place, duplicate()));
        }
        steps.push(Step { place, planned, expectations: change.expectations() });
    }
    Ok((steps, expectations))
}

fn conditional(wanted: &[Wanted], place: usize) -> bool {
    wanted.iter().any(|one| one.place == place && one.write.is_conditional())
}

/// The error of an entry, saying which.
fn at(place: usize, error: Error) -> Error {
    let mut details = outcome::of(&error);
    for issue in details["issue"].as_array_mut().into_iter().flatten() {
        let inside = issue["expression"][0].as_str().map(str::to_owned).unwrap_or_default();
        let inside = inside.split_once('.').map(|(_, rest)| format!(".resource.{rest}")).unwrap_or_default();
        issue["expression"] = serde_json::json!([format!("Bundle.entry[{place}]{inside}")]);
    }
    error.with_details(details)
}
