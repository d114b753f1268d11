//! Frames of an instance (PS3.18, 10.4.1.6), as they are kept or unpacked.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bianque_app::archive::pixels::{Frame, frames, transcode};
use bianque_app::archive::retrieve::Outgoing;
use bianque_app::{App, Error, ErrorKind};
use bianque_model::Context;
use serde::Deserialize;

use super::accept::{Wish, wishes};
use super::body::{Part, Source, multipart, single};
use super::wado::{OCTETS, is_known, not_acceptable, one, tag_of, tagged};
use super::{Address, pairs, parameter};
use crate::{Caller, Edge, Problem};

/// Frames of one request.
const MOST: usize = 1_000;
/// Plain pixels.
const PLAIN: &str = "1.2.840.10008.1.2.1";
/// JPEG that every viewer reads.
const JPEG_BASELINE: &str = "1.2.840.10008.1.2.4.50";

/// The frames that an address names.
#[derive(Debug, Deserialize)]
pub(crate) struct Listed {
    pub(super) frames: String,
}

/// In which form frames are given.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// As they are kept, under a media type.
    Kept(String),
    /// In another transfer syntax, under a media type.
    Other(&'static str, &'static str),
}

/// `GET /dicomweb/studies/{study}/series/{series}/instances/{instance}/frames/{frames}`
pub(crate) async fn retrieve(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    Path(Listed { frames: list }): Path<Listed>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let numbers = numbers(&list)?;
    let pairs = pairs(query.as_deref());
    let (app, context) = (edge.app.clone(), caller.context);
    let one = one(&app, &context, address).await?;
    let wishes = wishes(&headers, parameter(&pairs, "accept"));
    let chosen = wishes.iter().find_map(|wish| Some((wish.multipart, form(&one, wish)?)));
    let (in_parts, form) = chosen.ok_or_else(|| not_acceptable(&kept_as(&one)))?;
    let content_type = match &form {
        Form::Kept(media_type) => format!("{media_type}; transfer-syntax={}", one.syntax),
        Form::Other(media_type, syntax) => format!("{media_type}; transfer-syntax={syntax}"),
    };
    let tag = tag_of(&format!("{list} {content_type} {in_parts}"), std::slice::from_ref(&one));
    if is_known(&headers, &tag) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let mut parts = Vec::with_capacity(numbers.len());
    for bytes in bytes(&app, &context, &one, &numbers, &form).await? {
        let open = Box::new(move |_: &App, _: &Context| Ok(Source::Made(bytes)));
        parts.push(Part { content_type: content_type.clone(), open });
    }
    if in_parts {
        let media_type = content_type.split(';').next().unwrap_or(OCTETS).to_owned();
        return Ok(tagged(multipart(app, context, parts.into_iter(), &media_type)?, &tag));
    }
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => {
            // Viewers in browsers take a media type by its name alone.
            let content_type = content_type.split(';').next().unwrap_or(OCTETS).to_owned();
            Ok(tagged(single(app, context, Part { content_type, ..only }).await?, &tag))
        }
        _ => Err(not_acceptable("multipart/related")),
    }
}

async fn bytes(
    app: &App,
    context: &Context,
    instance: &Outgoing,
    numbers: &[u32],
    form: &Form,
) -> Result<Vec<Vec<u8>>, Error> {
    let Form::Other(_, syntax) = form else {
        let kept = frames(app, context, instance, numbers).await?;
        return Ok(kept.into_iter().map(Frame::aligned).collect());
    };
    let mut all = Vec::with_capacity(numbers.len());
    for number in numbers {
        all.push(transcode(app, context, instance, *number, syntax).await?.bytes.to_vec());
    }
    Ok(all)
}

/// Frame numbers from 1, separated by commas.
fn numbers(list: &str) -> Result<Vec<u32>, Error> {
    let wrong = || {
        Error::new(ErrorKind::Malformed, "dicomweb.frames", "frames are numbers from 1 with commas between")
    };
    let numbers = list.split(',').map(|one| one.trim().parse().ok().filter(|number| *number > 0));
    let numbers: Vec<u32> = numbers.collect::<Option<_>>().ok_or_else(wrong)?;
    if numbers.len() > MOST { Err(wrong()) } else { Ok(numbers) }
}

/// How frames of an instance are kept: the media type of their codec.
fn kept_as(instance: &Outgoing) -> String {
    let syntax = instance.transfer_syntax();
    let media_type = if syntax.encapsulated() { syntax.codec().media_type() } else { None };
    media_type.unwrap_or(OCTETS).to_owned()
}

/// The form in which a wish is met; none: it cannot be.
fn form(instance: &Outgoing, wish: &Wish) -> Option<Form> {
    let (kept, syntax) = (kept_as(instance), instance.transfer_syntax());
    let is_plain = !syntax.encapsulated() && !syntax.big_endian();
    if wish.media_type == "*/*"
        || (wish.takes(&kept) && wish.takes_syntax(&instance.syntax) && kept != OCTETS)
    {
        return Some(Form::Kept(kept));
    }
    if wish.takes(OCTETS) {
        return match wish.syntax.as_deref() {
            Some("*") => Some(Form::Kept(OCTETS.to_owned())),
            Some(wanted) if wanted == instance.syntax => Some(Form::Kept(OCTETS.to_owned())),
            None | Some(PLAIN) if is_plain => Some(Form::Kept(OCTETS.to_owned())),
            None | Some(PLAIN) => Some(Form::Other(OCTETS, PLAIN)),
            Some(_) => None,
        };
    }
    let jpeg = wish.takes("image/jpeg") && wish.takes_syntax(JPEG_BASELINE);
    jpeg.then_some(Form::Other("image/jpeg", JPEG_BASELINE))
}
