//! What messages say, each found out once: most of a log repeats itself, and so do its neighbours.

use super::{Catalogue, Sentence, template_of};
use crate::ingest::beside::besides;
use crate::model::Said;
use crate::model::lock::locked;
use indexmap::IndexMap;
use std::sync::{Arc, Mutex};

/// Messages that are remembered in each part of the memory.
const MOST: usize = 512;
/// Parts of the memory, which threads seldom want at once.
const PARTS: usize = 64;
/// Longer messages are not worth their memory.
const LONGEST_REMEMBERED: usize = 512;

/// All that is said of a message by itself.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Nothing for one that is not worth to be remembered.
    pub message: Option<Arc<str>>,
    /// What it says, if a record that says so is kept.
    pub said: Option<Arc<Said>>,
    /// Whether its wording is known.
    pub recognised: bool,
    /// Its template, if it is one of those that are counted.
    pub template: Option<Arc<str>>,
    /// Whether what it says may depend on the records beside it.
    pub asks: bool,
}

/// What matters of a record beside its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    pub is_error: bool,
    /// Whether a part of the agent wrote it that has to do with packages.
    pub is_related: bool,
}

/// What was heard lately, for all threads and logs that use one catalogue. What it remembers makes
/// it quick and changes no result.
pub(super) struct Memory([Mutex<Part>; PARTS]);

/// By the hash of the message.
type Part = IndexMap<u64, (Manner, Arc<Heard>)>;

impl Default for Memory {
    fn default() -> Memory {
        Memory(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Catalogue {
    /// What a message says, and how it is counted. `hash` is one of the message, the same for each call.
    pub(super) fn heard(&self, message: &str, manner: Manner, hash: u64) -> Arc<Heard> {
        let part = &self.memory.0[usize::try_from(hash).unwrap_or(0) % PARTS];
        let part = || locked(part);
        if let Some((known, heard)) = part().get(&hash)
            && *known == manner
            && heard.message.as_deref() == Some(message)
        {
            return Arc::clone(heard);
        }
        // Not while others wait: two threads may well find out the same.
        let heard = Arc::new(self.hear(message, manner));
        if heard.message.is_some() {
            let mut part = part();
            if part.len() >= MOST {
                part.clear();
            }
            part.insert(hash, (manner, Arc::clone(&heard)));
        }
        heard
    }

    fn hear(&self, message: &str, manner: Manner) -> Heard {
        let sentence = Sentence::new(message);
        let said = self.said_in(&sentence, manner.is_error);
        let (said, recognised) = said.map_or((None, false), |(said, recognised)| {
            (Some(Arc::new(said)), recognised)
        });
        let named = said.as_ref().is_some_and(|said| said.package.is_some());
        let counted =
            self.is_counting && is_counted(&sentence, named, recognised, manner.is_related);
        // What is of no interest comes in endless variety.
        // And a record whose message is known is not looked through for bytes that are no text.
        let is_worth_it = message.len() <= LONGEST_REMEMBERED
            && (manner.is_related || said.is_some())
            && memchr::memchr(0, message.as_bytes()).is_none();
        let own = || {
            said.as_ref()
                .map_or_else(|| message.into(), |said| said.message.clone())
        };
        Heard {
            message: is_worth_it.then(own),
            recognised,
            template: counted.then(|| template_of(&sentence).into()),
            asks: said.as_ref().is_some_and(|said| said.waits_for_a_package()),
            said,
        }
    }

    /// What the message of a record says, if the record is one that is kept, and whether its wording
    /// is known.
    pub fn said(&self, message: &str, is_error: bool) -> Option<(Said, bool)> {
        self.said_in(&Sentence::new(message), is_error)
    }

    fn said_in(&self, sentence: &Sentence<'_>, is_error: bool) -> Option<(Said, bool)> {
        let message = sentence.text;
        let found = self.recognise_in(sentence);
        let recognised = found.is_some();
        let said = match found {
            Some(found) => Said {
                package: found.package,
                name: found.name,
                fact: found.fact,
                pattern: Some(found.pattern),
                wording: found.wording,
                ..Said::default()
            },
            // `Other` says nothing, so nothing in it is assumed.
            None => Said {
                package: sentence.package(),
                ..Said::default()
            },
        };
        let is_kept = recognised || said.package.is_some() || is_error;
        if !is_kept && !deletes_a_path(message) {
            return None;
        }
        let mut said = Said {
            message: message.into(),
            ..said
        };
        if said.package.is_some() {
            said.besides = Some(besides(&said));
        }
        Some((said, recognised))
    }
}

/// Whether a message is counted by its template: whether it names a package, its wording is known, and
/// its part of the agent has to do with packages.
pub fn is_counted(message: &Sentence<'_>, named: bool, known: bool, is_related: bool) -> bool {
    // Chatter of a package-related source that names no package teaches nobody anything.
    named || is_related && (known || message.is_near_family())
}

/// Whether a record without a package may tell of a deletion in a folder, which may be a package's.
fn deletes_a_path(message: &str) -> bool {
    if !message.contains(":\\") && !message.contains(r"\\") {
        return false;
    }
    let lower = message.to_ascii_lowercase();
    ["delet", "remov", "purg", "eras", "wip", "clean"]
        .iter()
        .any(|stem| lower.contains(stem))
}
