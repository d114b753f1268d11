//! Pictures of instances (PS3.18, 10.4.1.3): rendered, and as thumbnails.

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bianque_app::archive::pixels::{self, Wanted};
use bianque_app::archive::retrieve::Outgoing;
use bianque_app::ports::decoders::{PictureFormat, Viewport, VoiFunction, Window};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::Context;

use super::accept::wishes;
use super::frames::Listed;
use super::wado::{found, not_acceptable, one};
use super::{Address, body, pairs, parameter};
use crate::{Caller, Edge, Problem};

/// JPEG quality unless it is asked for.
const QUALITY: u8 = 90;
/// Width and height of a thumbnail, px.
const THUMBNAIL: u32 = 200;

/// `GET …/instances/{instance}/rendered`
pub(crate) async fn instance(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, context) = (&edge.app, &caller.context);
    let one = one(app, context, address).await?;
    picture(app, context, &one, 1, query, headers, None).await
}

/// `GET …/instances/{instance}/frames/{frame}/rendered`
pub(crate) async fn frame(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    Path(Listed { frames: frame }): Path<Listed>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, context) = (&edge.app, &caller.context);
    let number = frame.parse().ok().filter(|number| *number > 0).ok_or_else(Error::not_found)?;
    let one = one(app, context, address).await?;
    picture(app, context, &one, number, query, headers, None).await
}

/// `GET …/instances/{instance}/thumbnail`
pub(crate) async fn instance_thumbnail(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, context) = (&edge.app, &caller.context);
    let one = one(app, context, address).await?;
    picture(app, context, &one, 1, query, headers, Some(THUMBNAIL)).await
}

/// `GET …/thumbnail` of a study or a series: the instance in the middle.
pub(crate) async fn thumbnail(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (app, context) = (&edge.app, &caller.context);
    let mut all = found(app, context, address.selection()).await?;
    all.retain(|one| one.frames > 0);
    let middle = all.get(all.len() / 2).ok_or_else(Error::not_found)?;
    picture(app, context, middle, middle.frames.div_ceil(2).max(1), query, headers, Some(THUMBNAIL)).await
}

async fn picture(
    app: &App,
    context: &Context,
    instance: &Outgoing,
    number: u32,
    query: Option<String>,
    headers: HeaderMap,
    largest: Option<u32>,
) -> Result<Response, Problem> {
    let pairs = pairs(query.as_deref());
    let quality = match parameter(&pairs, "quality") {
        Some(text) => {
            text.parse().ok().filter(|it| (1..=100).contains(it)).ok_or_else(|| wrong("quality"))?
        }
        None => QUALITY,
    };
    let formats = [
        ("image/jpeg", PictureFormat::Jpeg(quality)),
        ("image/png", PictureFormat::Png),
        ("image/webp", PictureFormat::WebP),
    ];
    let wishes = wishes(&headers, parameter(&pairs, "accept"));
    let chosen = wishes.iter().find_map(|wish| formats.iter().find(|(media_type, _)| wish.takes(media_type)));
    let (media_type, format) = chosen.ok_or_else(|| not_acceptable("image/jpeg, image/png, image/webp"))?;
    let whole = largest.map(|px| Viewport { width: px, height: px, source: None });
    let wanted = Wanted {
        format: *format,
        window: parameter(&pairs, "window").map(window).transpose()?,
        viewport: parameter(&pairs, "viewport").map(viewport).transpose()?.or(whole),
    };
    let rendered = pixels::render(app, context, instance, number, wanted).await?;
    body::answer(rendered.bytes.into(), media_type)
}

/// `center,width,function` (PS3.18, 8.3.5.1.4).
fn window(text: &str) -> Result<(Window, VoiFunction), Error> {
    let mut parts = text.split(',').map(str::trim);
    let mut number = || parts.next().and_then(|part| part.parse::<f64>().ok()).filter(|it| it.is_finite());
    let (center, width) = number().zip(number()).ok_or_else(|| wrong("window"))?;
    let function = match parts.next().unwrap_or("linear").to_ascii_lowercase().as_str() {
        "linear" => VoiFunction::Linear,
        "linear-exact" => VoiFunction::LinearExact,
        "sigmoid" => VoiFunction::Sigmoid,
        _ => return Err(wrong("window")),
    };
    if width < 1.0 { Err(wrong("window")) } else { Ok((Window { center, width }, function)) }
}

/// `vw,vh,sx,sy,sw,sh` (PS3.18, 8.3.5.1.3).
fn viewport(text: &str) -> Result<Viewport, Error> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let size = |place: usize| parts.get(place).and_then(|part| part.parse::<u32>().ok()).filter(|it| *it > 0);
    let (width, height) = size(0).zip(size(1)).ok_or_else(|| wrong("viewport"))?;
    let source: Vec<f64> = parts.iter().skip(2).filter_map(|part| part.parse().ok()).collect();
    let source = match (parts.len(), source.as_slice()) {
        (2, _) => None,
        (6, &[x, y, wide, high]) => Some([x, y, wide, high]),
        _ => return Err(wrong("viewport")),
    };
    Ok(Viewport { width, height, source })
}

fn wrong(name: &str) -> Error {
    Error::new(ErrorKind::Malformed, "dicomweb.parameter", format!("{name} is not understood"))
}
