//! Writes pages as PDF, tagged so that they can be read aloud.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ContentTag, Identifier, SpanTag, Tag, TagGroup, TagTree};
use krilla::{Document, SerializeSettings};

use crate::labels::Labels;
use crate::sheet::{Colour, HEIGHT, Item, Role, Sheet, WIDTH};
use crate::typeface::Typeface;
use crate::{DocumentError, Language, PlanDocument};

/// How much thicker bold letters are drawn, as a share of their size.
const BOLD: f32 = 0.035;

/// What the file says about itself.
pub(crate) struct About {
    title: String,
    author: String,
    id: String,
    language: Language,
}

impl About {
    pub(crate) fn new(plan: &PlanDocument, language: Language) -> Self {
        let signed = plan.signature.as_ref().map_or("", |signature| signature.sha256.as_str());
        Self {
            title: Labels::of(language).title.to_owned(),
            author: plan.institution.name.clone(),
            id: format!("{}/{signed}", plan.visit.number),
            language,
        }
    }
}

/// The document's bytes. No clock is read: the file has no time of its own.
pub(crate) fn render(
    sheet: &Sheet,
    typeface: &Typeface<'_>,
    about: &About,
) -> Result<Vec<u8>, DocumentError> {
    let mut document =
        Document::new_with(SerializeSettings { enable_tagging: true, ..SerializeSettings::default() });
    let size =
        PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| DocumentError::Write("page size".to_owned()))?;
    let mut groups: Vec<Vec<Identifier>> = vec![Vec::new(); sheet.roles.len()];
    for items in &sheet.pages {
        let mut page = document.start_page_with(size.clone());
        let mut surface = page.surface();
        for item in items {
            draw(&mut surface, item, typeface, &mut groups);
        }
        surface.finish();
        page.finish();
    }
    document.set_tag_tree(tree(&sheet.roles, groups, about.language));
    document.set_metadata(
        Metadata::new()
            .title(about.title.clone())
            .authors(vec![about.author.clone()])
            .creator("Bianque".to_owned())
            .language(about.language.tag().to_owned())
            .document_id(about.id.clone()),
    );
    document.finish().map_err(|error| DocumentError::Write(error.to_string()))
}

fn draw(surface: &mut Surface<'_>, item: &Item, typeface: &Typeface<'_>, groups: &mut [Vec<Identifier>]) {
    match item {
        Item::Band { x, y, width, height, colour } => {
            surface.start_tagged(ContentTag::Artifact(Artifact::default()));
            band(surface, *x, *y, *width, *height, *colour);
            surface.end_tagged();
        }
        Item::Text { line, x, baseline, style, group } => {
            let tag = match group {
                Some(_) => ContentTag::Span(SpanTag::empty()),
                None => ContentTag::Artifact(Artifact::default()),
            };
            let identifier = surface.start_tagged(tag);
            if let Some(group) = group.and_then(|group| groups.get_mut(group)) {
                group.push(identifier);
            }
            surface.set_fill(Some(fill(style.colour)));
            surface.set_stroke(style.bold.then(|| Stroke {
                paint: rgb_of(style.colour).into(),
                width: style.size * BOLD,
                ..Stroke::default()
            }));
            let at = Point::from_xy(*x, *baseline);
            surface.draw_glyphs(at, &line.glyphs, typeface.font.clone(), &line.text, style.size, false);
            surface.end_tagged();
        }
    }
}

fn band(surface: &mut Surface<'_>, x: f32, y: f32, width: f32, height: f32, colour: Colour) {
    let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    if let Some(path) = path.finish() {
        surface.set_stroke(None);
        surface.set_fill(Some(fill(colour)));
        surface.draw_path(&path);
    }
}

fn tree(roles: &[Role], groups: Vec<Vec<Identifier>>, language: Language) -> TagTree {
    let mut tree = TagTree::new().with_lang(Some(language.tag().to_owned()));
    let level = |level: u16| NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    for (role, identifiers) in roles.iter().zip(groups) {
        if identifiers.is_empty() {
            continue;
        }
        let mut group = match role {
            Role::Title => TagGroup::new(Tag::Hn(level(1), None)),
            Role::Heading => TagGroup::new(Tag::Hn(level(2), None)),
            Role::Paragraph => TagGroup::new(Tag::P),
        };
        for identifier in identifiers {
            group.push(identifier);
        }
        tree.push(group);
    }
    tree
}

fn fill(colour: Colour) -> Fill {
    Fill { paint: rgb_of(colour).into(), ..Fill::default() }
}

fn rgb_of(Colour(red, green, blue): Colour) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}
