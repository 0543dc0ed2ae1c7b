//! One block of a log as a piece: all that can be said of its records without the rest of the file.
//!
//! What depends on the records before (a time that cannot be read, a host counted, a loss) is left
//! to the one who puts the pieces together; so pieces can be read by several threads at once.

use super::attributes::{Attributes, Names, body_text, number, shown};
use super::steps::{Step, next, skip};
use super::{LONGEST_CUT, Wordings, body_is_lost, holds_guid, keep, lines, related, stamp_of};
use crate::ingest::LogRecord;
use crate::ingest::encoding::text;
use crate::ingest::messages::{Catalogue, near_family, template};
use crate::ingest::parsers::How;
use crate::model::{Record, Stamp};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Messages that are remembered with what they say: most of a log repeats itself.
const REMEMBERED: usize = 4_096;
/// Longer messages are not worth their memory.
const LONGEST_REMEMBERED: usize = 512;

/// What one block holds.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// In the order of the block.
    pub(super) found: Vec<Found>,
    /// The records of `found` that are kept.
    pub(super) kept: Vec<Kept>,
    /// Bytes that were used; what follows them needs the next block.
    pub(super) used: usize,
    /// Whether the block ends within a record that is too long to be read whole.
    pub(super) skipping: bool,
    /// Line breaks in the used bytes.
    pub(super) lines: u32,
    /// Hosts as written, each once.
    pub(super) hosts: Vec<Box<[u8]>>,
    pub(super) wordings: Wordings,
}

/// What one step found.
#[derive(Debug)]
pub(super) struct Found {
    /// Text before it that is more than white space, and the line where it begins.
    pub(super) between: Option<(u32, Box<[u8]>)>,
    /// The record's first line, counted from 0 in the block.
    pub(super) line: u32,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// `whole` is false if the end tag is missing although the text is complete.
    Record { whole: bool, told: Told },
    /// Broken off by the next record.
    Unfinished,
    /// Longer than can be read whole.
    Long(Option<Told>),
    /// Cut by the end of the file: the beginning of it.
    Tail(Box<[u8]>),
    /// Only text.
    Gone,
}

/// What one record says by itself.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) date: Date,
    /// In [`Piece::hosts`].
    pub(super) host: Option<u32>,
    pub(super) tick: Option<u64>,
    /// Whether its text is lost.
    pub(super) lost: bool,
    /// Whether the record is one that is kept: the next of [`Piece::kept`].
    pub(super) kept: bool,
}

/// A record that is kept, and whether its wording was recognised.
pub(super) type Kept = (LogRecord, bool);

/// The time of a record.
#[derive(Debug)]
pub(super) enum Date {
    None,
    Read(Stamp),
    /// Of no known form, as it can be shown.
    Unknown(String),
}

/// Reads blocks. What it remembers makes it quick and changes no result.
pub(super) struct Reader<'c> {
    catalogue: &'c Catalogue,
    known: Vec<Known>,
    /// The last time as written, with what it says: records come in bursts.
    last_date: (Vec<u8>, Option<Stamp>),
    names: Names,
    /// Whether start tags are kept.
    tags: bool,
}

/// A message with all that is said of it by itself.
#[derive(Clone, Default)]
struct Known {
    /// Nothing for one that is too long to be remembered.
    message: Option<Box<str>>,
    error: bool,
    related: bool,
    kept: Option<Kept>,
    /// Its template, if it is one of those that are counted.
    template: Option<Arc<str>>,
}

impl<'c> Reader<'c> {
    pub(super) fn new(how: &How<'c>) -> Reader<'c> {
        Reader {
            catalogue: how.catalogue,
            tags: how.tags,
            known: vec![Known::default(); REMEMBERED],
            last_date: (Vec::new(), None),
            names: Names::default(),
        }
    }

    /// Reads a block as far as it goes; `last` says that nothing follows, `skipping` that it begins
    /// within a record that is too long.
    pub(super) fn read(&mut self, block: &[u8], last: bool, skipping: bool) -> Piece {
        let mut piece = Piece {
            skipping,
            ..Piece::default()
        };
        while piece.used < block.len() || last {
            let data = &block[piece.used..];
            let step = if piece.skipping {
                let (step, ended) = skip(data, last);
                piece.skipping = !ended;
                step
            } else {
                next(data, last)
            };
            let Some(length) = self.take(step, data, &mut piece) else {
                break;
            };
            piece.skipping |= matches!(step, Step::Long { .. });
            piece.used += length;
            if length == 0 || last && piece.used == block.len() {
                break;
            }
        }
        piece
    }

    /// Uses one step; returns how many bytes are done, `None` if more are needed.
    fn take(&mut self, step: Step, data: &[u8], piece: &mut Piece) -> Option<usize> {
        let (open, length) = match step {
            Step::Record { open, end, .. }
            | Step::Unfinished { open, end }
            | Step::Long { open, end, .. } => (open, end),
            Step::Tail { open } => (open, data.len()),
            Step::Gone { end } => (end, end),
            Step::More => return None,
        };
        let between = Some(&data[..open])
            .filter(|text| text.iter().any(|byte| !byte.is_ascii_whitespace()))
            .map(|text| (piece.lines, text.into()));
        let line = piece.lines.saturating_add(lines(&data[..open]));
        let what = match step {
            Step::Record {
                open,
                body,
                end,
                whole,
            } => What::Record {
                whole,
                told: self.record(&data[open..body], &data[body..end], line, piece),
            },
            Step::Unfinished { .. } => What::Unfinished,
            Step::Long { open, body, end } => What::Long(
                (body > open)
                    .then(|| self.record(&data[open..body], &data[body..end], line, piece)),
            ),
            Step::Tail { open } => {
                let cut = &data[open..];
                What::Tail(cut[..cut.len().min(LONGEST_CUT)].into())
            }
            Step::Gone { .. } | Step::More => What::Gone,
        };
        let rest = lines(&data[open..length]);
        piece.lines = line.saturating_add(rest);
        if between.is_some() || !matches!(what, What::Gone) {
            piece.found.push(Found {
                between,
                line,
                what,
            });
        }
        Some(length)
    }

    fn record(&mut self, tag: &[u8], body: &[u8], line: u32, piece: &mut Piece) -> Told {
        let attributes = Attributes::read(tag);
        let date = match attributes.date {
            None => Date::None,
            Some(date) => self.date(date),
        };
        let mut told = Told {
            date,
            host: host(attributes.host, piece),
            tick: attributes.tick.and_then(number),
            lost: body_is_lost(body),
            kept: false,
        };
        if told.lost {
            return told;
        }
        let names_guid = holds_guid(body);
        let related = attributes.source.is_some_and(related);
        let error = attributes.severity == Some(b"1");
        if !names_guid && !related && !error && !self.catalogue.may_match(body, names_guid) {
            return told;
        }
        let message = body_text(body);
        let place = self.known(&message, attributes.severity(), related);
        let known = &self.known[place];
        if let Some(template) = &known.template {
            let pattern = known.kept.as_ref().and_then(|(record, recognised)| {
                recognised.then(|| (record.pattern.clone(), record.wording))
            });
            piece.wordings.count(template, &message, line, pattern);
        }
        if let Some((record, recognised)) = &known.kept {
            let record = LogRecord {
                line,
                record: Record {
                    tag: self.tags.then(|| text(tag).into()),
                    ..attributes.record(&mut self.names)
                },
                ..record.clone()
            };
            piece.kept.push((record, *recognised));
            told.kept = true;
        }
        told
    }

    /// Where in `known` stands what a message says, whoever said it and when.
    fn known(&mut self, message: &str, severity: Option<u8>, related: bool) -> usize {
        let error = severity == Some(1);
        let mut hasher = DefaultHasher::new();
        message.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % REMEMBERED as u64).unwrap_or(0);
        let same = |known: &Known| {
            known.message.as_deref() == Some(message)
                && known.error == error
                && known.related == related
        };
        if !same(&self.known[place]) {
            let kept = keep(
                severity,
                message,
                Default::default,
                None,
                None,
                0,
                self.catalogue,
            );
            let recognised = kept.as_ref().is_some_and(|(_, recognised)| *recognised);
            let named = kept
                .as_ref()
                .is_some_and(|(record, _)| record.package.is_some());
            // Chatter of a package-related source that names no package teaches nobody anything.
            let counted = named || related && (recognised || near_family(message));
            let remembered = message.len() <= LONGEST_REMEMBERED;
            self.known[place] = Known {
                message: remembered.then(|| message.into()),
                error,
                related,
                kept,
                template: counted.then(|| template(message).into()),
            };
        }
        place
    }

    fn date(&mut self, written: &[u8]) -> Date {
        if self.last_date.0 != written {
            self.last_date.1 = stamp_of(written);
            self.last_date.0.clear();
            self.last_date.0.extend_from_slice(written);
        }
        match self.last_date.1 {
            Some(stamp) => Date::Read(stamp),
            None => Date::Unknown(shown(written)),
        }
    }
}

/// The host as one of those of the piece.
fn host(written: Option<&[u8]>, piece: &mut Piece) -> Option<u32> {
    let written = written?.trim_ascii();
    if written.is_empty() {
        return None;
    }
    // A log has one host, or a few; one that invents them all is not searched for each.
    let from = piece.hosts.len().saturating_sub(8);
    let known = piece.hosts[from..].iter().position(|one| **one == *written);
    let place = known.map(|place| from + place).unwrap_or_else(|| {
        piece.hosts.push(written.into());
        piece.hosts.len() - 1
    });
    u32::try_from(place).ok()
}
