//! Package Server history, copied or exported by hand: a time, a package, a state, perhaps details.
//!
//! No layout is known, so the header is mapped by meaning, and a table counts only if a row below
//! it holds a time and a state of the product. Each row tells a state and at most one fact more. A
//! history names what the console was told; it shows no absence.

mod table;

use super::How;
use super::agent_log::LogFacts;
use super::viewer_copy::{Time, is_newest_first, observe};
use crate::ingest::clock::Trace;
use crate::ingest::messages::{Catalogue, attempt_in, code_in};
use crate::ingest::{Defect, LogRecord, stamps};
use crate::model::{Fact, PackageId, Record, Said, Server, Stamp, State, Wording, Writer};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use table::Row;

/// Stands in the column `component`.
const COMPONENT: &str = "Package Server history";
/// Stands in the column `pattern`.
const PATTERN: &str = "ps-history";
/// Letters of the details that are kept.
const LONGEST_DETAILS: usize = 4_000;
/// Unknown state words that are told.
const MOST_WORDS: usize = 8;

/// Whether the beginning of a text holds a history.
pub fn recognise(prefix: &str) -> bool {
    let (rows, _) = table::rows(prefix);
    rows.iter()
        .take(50)
        .any(|row| state_of(&row.state).is_some() && stamps::parse(&row.time, None).is_some())
}

/// Reads a history. Rows that name their package only by its display name have a `name` and no
/// package; whoever knows all names settles them.
pub fn parse(text: &str, how: &How<'_>, defects: &mut Vec<Defect>) -> (LogFacts, Trace) {
    let (rows, is_utc) = table::rows(text);
    let settled = stamps::settle(rows.iter().map(|row| &row.time), how.order);
    defects.extend(settled.is_guess.then(super::guessed_order));
    let mut facts = LogFacts {
        is_selection: true,
        ..LogFacts::default()
    };
    let mut read: Vec<(Row, Stamp)> = Vec::new();
    let mut unread = (0_u64, 0_u32);
    for row in rows {
        let stamp = stamps::parse(&row.time, settled.order).map(|mut stamp| {
            stamp.offset = stamp.offset.or(is_utc.then_some(0));
            stamp
        });
        match stamp {
            Some(stamp) if row.package.is_some() || !row.name.is_empty() => read.push((row, stamp)),
            _ => {
                unread.0 += 1;
                unread.1 = if unread.1 == 0 { row.line } else { unread.1 };
            }
        }
    }
    if unread.0 > 0 {
        defects.push(Defect {
            line: Some(unread.1),
            what: format!(
                "{} without a time or a package that can be read",
                count(unread.0, "row")
            ),
            cost: "what they tell is not on the timeline".into(),
            lost: true,
        });
    }
    let times: Vec<Time> = read
        .iter()
        .map(|(row, stamp)| (row.line, Some(*stamp), None))
        .collect();
    facts.newest_first = is_newest_first(&times);
    if facts.newest_first {
        read.reverse();
    }
    // Often sorted by package first; the clock must not take that for a clock that was set.
    read.sort_by_key(|(_, stamp)| stamp.utc_ms().unwrap_or(stamp.local_ms()));
    facts.ranks = read.iter().map(|(row, _)| row.line).zip(1..).collect();
    let mut last: BTreeMap<(Option<PackageId>, &str), State> = BTreeMap::new();
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    let mut unknown_rows = 0;
    let pattern: Arc<str> = PATTERN.into();
    let writer = Arc::new(Writer {
        component: COMPONENT.into(),
        ..Writer::default()
    });
    for (row, stamp) in &read {
        facts.records += 1;
        let host = (!row.host.is_empty()).then(|| Server::from(row.host.as_str()));
        if let Some(host) = &host {
            *facts.hosts.entry(host.clone()).or_insert(0) += 1;
        }
        let state = state_of(&row.state);
        let told = told(row, state.map(|(state, _)| state), how.catalogue);
        if state.is_none() && told.is_none() {
            unknown_rows += 1;
            unknown.insert(&row.state);
        }
        let message = message(row);
        let record = |fact: Fact, pattern: Option<Arc<str>>, wording: Wording| {
            let record = Record {
                writer: writer.clone(),
                ..Record::default()
            };
            let said = Said {
                package: row.package,
                name: (!row.name.is_empty()).then(|| row.name.as_str().into()),
                fact,
                besides: None,
                message: message.as_str().into(),
                pattern,
                wording,
            };
            LogRecord::new(record, said.into()).at(row.line, Some(*stamp), host.clone())
        };
        let mut add = |record: LogRecord| {
            let known = record.said.fact != Fact::Other;
            facts.add(Some((record, known)), &message, row.line, true);
        };
        if let Some((state, exact)) = state {
            let key = (
                row.package,
                if row.package.is_some() {
                    ""
                } else {
                    row.name.as_str()
                },
            );
            // The same state again is no change: a row may only tell a further attempt.
            let again = last.insert(key, state) == Some(state);
            let fact = if again {
                Fact::StateSeen { state }
            } else {
                Fact::StateChanged {
                    to: state,
                    from: state_of(&row.old).map(|(old, _)| old),
                }
            };
            let wording = if exact {
                Wording::Documented
            } else {
                Wording::Assumed
            };
            add(record(fact, Some(pattern.clone()), wording));
        }
        match told {
            Some((fact, own)) => {
                let pattern = own.unwrap_or_else(|| pattern.clone());
                add(record(fact, Some(pattern), Wording::Assumed));
            }
            None if state.is_none() => add(record(Fact::Other, None, Wording::Confirmed)),
            None => {}
        }
    }
    if unknown_rows > 0 {
        let words: Vec<String> = unknown
            .iter()
            .take(MOST_WORDS)
            .map(|word| format!("`{}`", word.chars().take(40).collect::<String>()))
            .collect();
        defects.push(Defect {
            line: None,
            what: format!(
                "{} with states that are not known: {}",
                count(unknown_rows, "row"),
                words.join(", ")
            ),
            cost: "they are on the timeline, but tell nothing".into(),
            lost: false,
        });
    }
    let times: Vec<Time> = read
        .iter()
        .map(|(row, stamp)| (row.line, Some(*stamp), None))
        .collect();
    let trace = observe(&facts, &times);
    (facts, trace)
}

fn count(number: u64, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// `Ready`, `Downloading (45%)`, `Status: Not Ready`; and whether it is the word of the product
/// itself.
fn state_of(word: &str) -> Option<(State, bool)> {
    let word = word.trim();
    if let Some(state) = State::parse(word) {
        return Some((state, state.name().eq_ignore_ascii_case(word)));
    }
    let bare = word.split(['(', '[']).next().unwrap_or(word);
    let bare = bare.rsplit([':', '=']).next().unwrap_or(bare);
    let bare = bare.trim_end_matches(|one: char| {
        one.is_ascii_digit() || one.is_whitespace() || matches!(one, '%' | '.' | ',' | '-')
    });
    let state = State::parse(bare.trim()).or_else(|| {
        let folded = bare.trim().to_ascii_lowercase();
        State::parse(folded.strip_prefix("package ")?.trim_start_matches("is "))
    })?;
    Some((state, false))
}

/// What the details tell besides the state, with the catalogue entry that knew it.
fn told(
    row: &Row,
    state: Option<State>,
    catalogue: &Catalogue,
) -> Option<(Fact, Option<Arc<str>>)> {
    let details = row.details.trim();
    if details.is_empty() {
        return None;
    }
    let folded = details.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let own = |fact: Fact| Some((fact, None));
    if state == Some(State::Deleted) || state.is_none() {
        if has(&[
            "removed from config",
            "removed from the config",
            "unassigned",
            "no longer assigned",
        ]) {
            return own(Fact::Unassigned);
        }
        if has(&["marked as deleted", "marked deleted"]) {
            return own(Fact::MarkedDeleted);
        }
    }
    let failing = matches!(
        state,
        Some(State::Retrying | State::Invalid | State::NotReady)
    );
    let code = code_in(details);
    if failing && (code.is_some() || has(&["error", "fail", "busy", "older than"])) {
        return own(Fact::DownloadFailed {
            code,
            busy: has(&["busy", "backing off"]),
            older: has(&["older than"]),
        });
    }
    let attempt = attempt_in(details).filter(|_| !has(&["fail", "error"]));
    if let (Some(State::Downloading), Some(attempt)) = (state, attempt) {
        return own(if attempt <= 1 {
            Fact::DownloadStarted
        } else {
            Fact::DownloadResumed {
                attempt: Some(attempt),
            }
        });
    }
    let negated = has(&["not ", "fail", "error", "cannot", "unable", "0 bytes"]);
    if state == Some(State::Ready)
        && !negated
        && has(&["download"])
        && has(&["complet", "finish", "success"])
    {
        return own(Fact::DownloadFinished { bytes: None });
    }
    // A family is believed only beside a package, so it is shown one.
    let package = row.package.unwrap_or(PackageId(1));
    let found = catalogue.recognise(&format!("{details} (package {{{package}}})"))?;
    let more = !matches!(
        found.fact,
        Fact::StateChanged { .. } | Fact::StateSeen { .. } | Fact::Other
    );
    more.then_some((found.fact, Some(found.pattern)))
}

/// The row as a sentence.
fn message(row: &Row) -> String {
    let package = row.package.map_or_else(
        || row.name.clone(),
        |package| format!("{{{}}}", package.to_string().to_uppercase()),
    );
    let mut text = format!("{package}: {}", row.state.trim());
    if !row.details.trim().is_empty() {
        text += ", ";
        text.extend(row.details.trim().chars().take(LONGEST_DETAILS));
    }
    text
}

#[cfg(test)]
mod tests;
