//! What the files and the clock have to tell, each thing once.

use crate::ingest::clock::Clock;
use crate::ingest::parsers::Parsed;
use crate::ingest::{Defect, File, Ingested};
use crate::model::{EvidenceFile, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// The logs in the order in which the clock counts them.
pub(super) struct Logs(Vec<(String, BTreeMap<u32, u32>)>);

impl Logs {
    pub(super) fn of(files: &[File]) -> Logs {
        let logs = files.iter().filter_map(|file| match &file.parsed {
            Parsed::Log(facts, _) => {
                let lines = facts.ranks.iter().map(|(line, rank)| (*rank, *line));
                Some((file.path.clone(), lines.collect()))
            }
            _ => None,
        });
        Logs(logs.collect())
    }
}

/// A file that by its name is evidence, but by its content is none.
pub(super) fn unrecognised(file: &EvidenceFile) -> Option<Problem> {
    let name = file.path.rsplit(['/', '!']).next()?.to_lowercase();
    let (stem, ending) = name.rsplit_once('.')?;
    if file.bytes == 0 && ["xml", "log", "txt", "csv", "reg"].contains(&ending) {
        return Some(Problem::loss(
            &file.path,
            None,
            "the file is empty",
            "nothing in it can be used",
        ));
    }
    let expected = match ending {
        "xml" if stem.contains("snapshot") => "a snapshot",
        "xml" if stem.contains("packagestatus") => "a status file",
        "log" if stem.starts_with("agent") => "an agent log",
        _ => return None,
    };
    Some(Problem::loss(
        &file.path,
        None,
        format!("it is called like {expected}, but its content is of no known kind"),
        "it is not used",
    ))
}

/// What the clock has to tell. What is the same for several logs is told once.
pub(super) fn add_notes(out: &mut Ingested, clock: &Clock, logs: &Logs) {
    let notes = clock.notes().iter().map(|(file, note)| {
        let log = file.and_then(|file| logs.0.get(file));
        let path = log.map_or("the bundle", |(path, _)| path);
        let mut note = note.clone();
        // The clock counts lines in the order of time.
        if let (Some((_, lines)), Some(line)) = (log, note.line) {
            note.line = lines.get(&line).copied().or(Some(line));
        }
        (path.to_owned(), note)
    });
    out.problems.extend(fold(notes.collect()));
}

/// What is the same in several files is told once.
pub(super) fn fold(defects: Vec<(String, Defect)>) -> Vec<Problem> {
    let mut grouped: BTreeMap<(String, String), Vec<(String, Defect)>> = BTreeMap::new();
    for (path, defect) in defects {
        grouped
            .entry((defect.what.clone(), defect.cost.clone()))
            .or_default()
            .push((path, defect));
    }
    let mut told = Vec::new();
    for same in grouped.into_values() {
        let files: BTreeSet<&String> = same.iter().map(|(path, _)| path).collect();
        let more = files.len() - 1;
        let Some((path, defect)) = same.first() else {
            continue;
        };
        let mut defect = defect.clone();
        if more > 0 {
            let files = if more == 1 { "file" } else { "files" };
            defect.what = format!("{} (as in {more} other {files})", defect.what);
        }
        told.push(defect.at(path));
    }
    told
}
