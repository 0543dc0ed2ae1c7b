//! The kinds of evidence: one module and one line in [`KINDS`] each.
//!
//! A kind is told by content, never by name: a log may be called `Agent log.txt`.

pub mod agent_log;
pub mod captures_csv;
mod csv;
pub mod history;
pub mod iis_log;
pub mod listing;
pub mod package_status;
pub mod policy;
pub mod registry;
pub mod snapshot_xml;
pub mod viewer_copy;
mod xml;

use super::blocks::Blocks;
use super::clock::{Observer, Trace};
use super::messages::Catalogue;
use super::stamps::DateOrder;
use super::{Defect, Document};
use crate::model::Stamp;

/// A kind of evidence.
pub struct Kind {
    /// As in the field `kind` of `verdicts.json`.
    pub name: &'static str,
    pub about: &'static str,
    /// Whether the first 64 KiB, decoded, look like it.
    pub recognise: fn(&str) -> bool,
    pub parse: Parse,
}

/// What all parsers are told.
#[derive(Clone, Copy)]
pub struct How<'c> {
    pub catalogue: &'c Catalogue,
    /// Day and month where a file does not tell them apart.
    pub order: Option<DateOrder>,
    /// Threads that may read one log.
    pub threads: usize,
    /// Whether the start tags of kept records are kept too.
    pub tags: bool,
}

/// How a kind is read.
pub enum Parse {
    /// As a stream, in blocks: it may be larger than memory.
    Log(fn(&mut dyn Blocks, &How<'_>, &mut Vec<Defect>) -> Parsed),
    /// As a whole.
    Document(fn(&str, &How<'_>, &mut Vec<Defect>) -> Parsed),
}

/// What one file gave.
pub enum Parsed {
    Unused,
    Log(Box<agent_log::LogFacts>, Box<Trace>),
    Document(Box<Document>),
    Registry(registry::RegistryFacts),
    Captures(Vec<(String, Stamp)>),
    Policy(policy::Policy),
    Requests(Box<iis_log::Requests>),
}

impl Parsed {
    /// Takes back what rests on every byte of the file, because some of them are wrong: a log proves
    /// no absence any more, and of a document nobody knows which value is wrong.
    pub(super) fn distrust(&mut self) {
        match self {
            Parsed::Log(facts, _) => facts.is_selection = true,
            other => *other = Parsed::Unused,
        }
    }

    /// Listings in which something stands that `dir` never writes prove no absence.
    pub(super) fn prove_no_absence(&mut self) {
        let Parsed::Document(document) = self else {
            return;
        };
        if let Document::Listing(listing) = &mut **document {
            listing.complete = false;
            for folder in &mut listing.folders {
                folder.complete = false;
            }
        }
    }
}

/// All kinds, the most particular first.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "registry",
        about: "registry export: time zone, settings",
        recognise: registry::recognise,
        parse: Parse::Document(|text, _, _| Parsed::Registry(registry::parse(text))),
    },
    Kind {
        name: "viewer-copy",
        about: "records copied from the log viewer",
        recognise: viewer_copy::recognise,
        parse: Parse::Document(|text, how, defects| {
            let (facts, trace) = viewer_copy::parse(text, how, defects);
            Parsed::Log(Box::new(facts), Box::new(trace))
        }),
    },
    Kind {
        name: "agent-log",
        about: "raw log records of the agent",
        recognise: agent_log::recognise,
        parse: Parse::Log(|stream, how, defects| {
            let mut observer = Observer::default();
            let facts = agent_log::parse(
                stream,
                how,
                &mut |line, stamp, tick| observer.observe(line, stamp, tick),
                defects,
            );
            Parsed::Log(Box::new(facts), Box::new(observer.finish()))
        }),
    },
    Kind {
        name: "snapshot",
        about: "snapshot.xml: the manifest of a package",
        recognise: snapshot_xml::recognise,
        parse: Parse::Document(|text, how, defects| {
            document(
                snapshot_xml::parse(text, how.order),
                |snapshot| Document::Snapshot(snapshot.into()),
                defects,
            )
        }),
    },
    Kind {
        name: "package-status",
        about: "PackageStatus.xml: the state of a package",
        recognise: package_status::recognise,
        parse: Parse::Document(|text, how, defects| {
            document(
                package_status::parse(text, how.order),
                Document::Status,
                defects,
            )
        }),
    },
    Kind {
        name: "client-policy",
        about: "client policy, AeXSWDPolicy.xml: required versions, clean-up times",
        recognise: policy::recognise,
        parse: Parse::Document(|text, _, defects| {
            let (policy, more) = policy::parse(text);
            defects.extend(more);
            policy.map_or(Parsed::Unused, Parsed::Policy)
        }),
    },
    Kind {
        name: "ps-history",
        about: "history of the Package Server, copied or exported from the console",
        recognise: history::recognise,
        parse: Parse::Document(|text, how, defects| {
            let (facts, trace) = history::parse(text, how, defects);
            Parsed::Log(Box::new(facts), Box::new(trace))
        }),
    },
    Kind {
        name: "captures-csv",
        about: "captures.csv: when captures were made",
        recognise: captures_csv::recognise,
        parse: Parse::Document(|text, how, defects| {
            let (rows, more) = captures_csv::parse(text, how.order);
            defects.extend(more);
            Parsed::Captures(rows)
        }),
    },
    Kind {
        name: "iis-log",
        about: "IIS log (W3C extended): which files of packages were served, and which were not found",
        recognise: iis_log::recognise,
        parse: Parse::Log(|stream, how, defects| {
            Parsed::Requests(Box::new(iis_log::parse(stream, how, defects)))
        }),
    },
    Kind {
        name: "listing",
        about: "dir /s, PowerShell CSV or a list of paths",
        recognise: listing::recognise,
        parse: Parse::Document(|text, how, defects| {
            document(listing::parse(text, how.order), Document::Listing, defects)
        }),
    },
];

/// Defects of one file that are told one by one.
const MOST_DEFECTS: usize = 200;

/// The defects of one file: the first of them, and how many more there are.
#[derive(Debug, Default)]
struct Defects {
    told: Vec<Defect>,
    more: u64,
    more_lost: bool,
}

impl Defects {
    fn push(&mut self, defect: Defect) {
        if self.told.len() < MOST_DEFECTS {
            self.told.push(defect);
        } else {
            self.more += 1;
            self.more_lost |= defect.lost;
        }
    }

    fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    fn finish(mut self) -> Vec<Defect> {
        if self.more > 0 {
            self.told.push(Defect {
                line: None,
                what: format!("{} more defects like these", self.more),
                cost: "they are not listed one by one".into(),
                lost: self.more_lost,
            });
        }
        self.told
    }
}

/// Told of a file whose dates could be read in two ways. The same of several files is told once.
pub(super) fn guessed_order() -> Defect {
    Defect {
        line: None,
        what: "nothing tells day and month of its dates apart; they are read as month/day"
            .to_owned(),
        cost: "if they are day/month, its times are wrong; `--date-order dmy` says so".to_owned(),
        lost: false,
    }
}

/// The kind of a file out of `kinds`, by its first 64 KiB.
pub fn recognise(kinds: &'static [Kind], prefix: &str) -> Option<&'static Kind> {
    kinds.iter().find(|kind| (kind.recognise)(prefix))
}

/// Whether a whole file begins like XML and is no whole document. Pages of the web are often not.
pub fn is_cut_xml(text: &str) -> bool {
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    text.starts_with('<')
        && !text.to_lowercase().contains("html")
        && !xml::read(text, &mut |_, _| {}).complete
}

fn document<T>(
    (found, more): (Option<T>, Vec<Defect>),
    wrap: fn(T) -> Document,
    defects: &mut Vec<Defect>,
) -> Parsed {
    defects.extend(more);
    found.map_or(Parsed::Unused, |found| {
        Parsed::Document(Box::new(wrap(found)))
    })
}
