//! Have an instance in another encoding than the one it is kept in, where that is the same values written otherwise: little
//! and big endian, with and without value representations. Pixels are not decoded for it.

use bianque_dicom::{HeaderReader, Lengths, Piece, TransferSyntax, swap_words};
use bianque_model::Context;

use super::retrieve::{Bytes, Outgoing};
use crate::{App, Error};

/// The encodings of native values, the best first.
const NATIVE: [TransferSyntax; 3] =
    [TransferSyntax::EXPLICIT_LITTLE, TransferSyntax::IMPLICIT_LITTLE, TransferSyntax::EXPLICIT_BIG];

/// The data set of an instance, in the encoding that was asked for.
pub struct Encoded(Source);

enum Source {
    AsKept(Bytes),
    Otherwise(Box<Otherwise>),
}

struct Otherwise {
    app: App,
    context: Context,
    instance: Outgoing,
    pieces: std::vec::IntoIter<Piece>,
    /// A long value under way, and how wide its words are that are turned around.
    long: Option<(Bytes, usize)>,
    /// Bytes of a word that is not whole.
    rest: Vec<u8>,
}

impl Outgoing {
    /// The transfer syntaxes that it can be given in, the one that it is kept in first.
    pub fn syntaxes(&self) -> Vec<String> {
        let mut all = vec![self.syntax.clone()];
        if is_native(&self.syntax) {
            all.extend(NATIVE.iter().map(|one| one.uid().to_owned()).filter(|one| *one != self.syntax));
        }
        all
    }

    /// The data set alone, in one of [`Self::syntaxes`]. Blocks: for another one than it is kept in, it is read to its end
    /// first. Nothing of it is held but what is not long.
    pub fn open_as(&self, app: &App, context: &Context, syntax: &str) -> Result<Encoded, Error> {
        let mut bytes = self.open_data_set(app, context)?;
        if syntax == self.syntax {
            return Ok(Encoded(Source::AsKept(bytes)));
        }
        if !is_native(&self.syntax) || !is_native(syntax) {
            return Err(Error::internal("an encoding that the instance cannot be given in"));
        }
        let mut reader = HeaderReader::new(TransferSyntax::from_uid(&self.syntax));
        while let Some(piece) = bytes.next_piece()? {
            reader.push(&piece).map_err(Error::internal)?;
        }
        let header = reader.finish().map_err(Error::internal)?;
        let pieces = header.data_set.write(TransferSyntax::from_uid(syntax), Lengths::Explicit);
        Ok(Encoded(Source::Otherwise(Box::new(Otherwise {
            app: app.clone(),
            context: context.clone(),
            instance: self.clone(),
            pieces: pieces.map_err(Error::internal)?.into_iter(),
            long: None,
            rest: Vec::new(),
        }))))
    }
}

impl Encoded {
    /// The next piece; none: there is no more. Blocks.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, Error> {
        match &mut self.0 {
            Source::AsKept(bytes) => bytes.next_piece(),
            Source::Otherwise(otherwise) => otherwise.next_piece(),
        }
    }
}

impl Otherwise {
    fn next_piece(&mut self) -> Result<Option<Vec<u8>>, Error> {
        loop {
            if let Some((bytes, width)) = &mut self.long {
                let Some(piece) = bytes.next_piece()? else {
                    self.long = None;
                    let rest = std::mem::take(&mut self.rest);
                    if rest.is_empty() {
                        continue;
                    }
                    return Ok(Some(rest));
                };
                let mut piece = [std::mem::take(&mut self.rest), piece].concat();
                let width = (*width).max(1);
                self.rest = piece.split_off(piece.len() - piece.len() % width);
                swap_words(&mut piece, width);
                return Ok(Some(piece));
            }
            match self.pieces.next() {
                None => return Ok(None),
                Some(Piece::Bytes(bytes)) => return Ok(Some(bytes)),
                Some(Piece::Source { offset, length, swapped }) => {
                    let to = offset.saturating_add(u64::from(length));
                    let bytes = self.instance.open_range(&self.app, &self.context, offset, to)?;
                    self.long = Some((bytes, swapped));
                }
            }
        }
    }
}

fn is_native(syntax: &str) -> bool {
    NATIVE.iter().any(|one| one.uid() == syntax)
}
