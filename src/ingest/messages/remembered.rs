//! What one thread remembers of messages: most of a log repeats itself. [`Memory`](super::heard) is for
//! all threads; to ask it takes longer than to read a record.

use super::quiet::Quiet;
use super::{Catalogue, Heard, Manner};
use crate::model::Said;
use crate::model::lock::locked;
use std::sync::Arc;

/// Messages that are remembered.
const MOST: usize = 16_384;

/// What is remembered makes reading quick and changes no result. A catalogue keeps it from one log to
/// the next: the next one says the same, and to free it takes as long as to read some blocks.
#[derive(Default)]
pub struct Remembered {
    /// Two for each place, with a mark of their messages that spares a look at most others; the
    /// last one is for a message that is not worth to be remembered.
    all: Vec<(u32, Option<Box<Known>>)>,
    /// How many pieces of logs were begun.
    pieces: u64,
    /// What is of no interest.
    pub quiet: Quiet,
}

/// A message with all that is said of it by itself, as [`Heard`] says it, in one place: a record asks
/// for it, and what lies elsewhere comes from the memory.
pub struct Known {
    manner: Manner,
    message: Option<Arc<str>>,
    pub said: Option<Arc<Said>>,
    pub recognised: bool,
    pub asks: bool,
    /// Whether `said` is of a package, and whether it names it.
    pub is_of_package: bool,
    pub is_named: bool,
    pub tells_more: bool,
    pub template: Option<Arc<str>>,
    /// In which piece it was counted last, and where among its wordings.
    pub counted: (u64, usize),
    /// The same among those that name a package.
    pub named: (u64, usize),
}

impl Known {
    fn new(manner: Manner, heard: &Heard) -> Known {
        let said = heard.said.as_deref();
        let is_of_package = said.is_some_and(|said| said.package.is_some());
        Known {
            manner,
            message: heard.message.clone(),
            said: heard.said.clone(),
            recognised: heard.recognised,
            asks: heard.asks,
            is_of_package,
            is_named: is_of_package && said.is_some_and(|said| said.name.is_some()),
            tells_more: said
                .and_then(|said| said.besides.as_ref())
                .is_some_and(|more| !more.is_empty()),
            template: heard.template.clone(),
            counted: (0, 0),
            named: (0, 0),
        }
    }
}

impl Catalogue {
    /// What another thread remembered that has ended, else nothing.
    pub fn remembered(&self) -> Remembered {
        let mut spare = locked(&self.spare);
        spare.pop().unwrap_or_default()
    }

    /// Keeps what was remembered, for the next one.
    pub fn keep(&self, remembered: Remembered) {
        let mut spare = locked(&self.spare);
        spare.push(remembered);
    }
}

impl Remembered {
    /// Another piece of a log begins.
    pub fn begin(&mut self) {
        self.pieces += 1;
        self.quiet.begin();
    }

    /// The number of the piece of a log that was begun last.
    pub fn piece(&self) -> u64 {
        self.pieces
    }

    /// What stands at a place.
    pub fn at(&mut self, place: usize) -> Option<&mut Known> {
        self.all.get_mut(place)?.1.as_deref_mut()
    }

    /// Where it stands what a message says, whoever said it and when, if it is remembered.
    pub fn find(&self, message: &[u8], manner: Manner) -> Option<usize> {
        self.find_by(message, hash(message), manner)
    }

    fn find_by(&self, message: &[u8], hash: u64, manner: Manner) -> Option<usize> {
        let (first, mark) = place(hash);
        let mut both = (first..).zip(self.all.get(first..first + 2)?);
        let found = both.find(|(_, (marked, known))| {
            *marked == mark
                && known.as_ref().is_some_and(|known| {
                    known.manner == manner
                        && known.message.as_deref().map(str::as_bytes) == Some(message)
                })
        });
        found.map(|(place, _)| place)
    }

    /// The same for any message; what was not remembered is asked for.
    pub fn place(&mut self, message: &str, manner: Manner, catalogue: &Catalogue) -> usize {
        let hash = hash(message.as_bytes());
        if let Some(place) = self.find_by(message.as_bytes(), hash, manner) {
            return place;
        }
        let heard = catalogue.heard(message, manner, hash);
        // A small log may have nothing to remember.
        self.all.resize_with(MOST + 1, || (0, None));
        let (mut place, mark) = place(hash);
        if heard.message.is_some() {
            // Of two at one place, the older one goes.
            self.all.swap(place, place + 1);
        } else {
            place = MOST;
        }
        self.all[place] = (mark, Some(Box::new(Known::new(manner, &heard))));
        place
    }
}

/// A number for a message, by which it is remembered.
pub(super) fn hash(message: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let (stretches, rest) = message.as_chunks::<16>();
    let last = message.last_chunk().copied().unwrap_or_else(|| {
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        last
    });
    // Two sums at once, as each step waits for the one before it.
    let mut sums = [0, message.len() as u64];
    for stretch in stretches.iter().chain([&last]) {
        for (sum, word) in sums.iter_mut().zip(stretch.as_chunks().0) {
            *sum = (sum.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
        }
    }
    let mixed = (sums[0].rotate_left(32) ^ sums[1]).wrapping_mul(FACTOR);
    mixed ^ mixed >> 32
}

/// Where a message of this hash is remembered, and a mark that few others at its place have.
fn place(hash: u64) -> (usize, u32) {
    let [high, low] = [hash >> 32, hash & 0xFFFF_FFFF].map(|half| u32::try_from(half).unwrap_or(0));
    (high as usize % (MOST / 2) * 2, low)
}
