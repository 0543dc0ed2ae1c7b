//! `--redact`: one redaction for the whole run, and secrets that are dropped in every run.
//!
//! What is printed passes [`line`], which `output::clean` calls; what is written comes from a case
//! and events that passed [`case`]. Nothing else leads out.

use super::arguments::Reading;
use super::{colour, output};
use crate::ingest::Ingested;
use crate::model::raw::Answers;
use crate::model::{Case, Event, Problem};
use crate::redact::walk::{self, Field, Quoted};
use crate::redact::{Collector, Redaction, hints_at_secrets, is_map_head, without_secrets};
use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The redaction of this run, as soon as the evidence is read.
static REDACTION: OnceLock<Redaction> = OnceLock::new();

/// Events or records that are worth a thread.
pub(super) const PART: usize = 10_000;

/// What is added to the report folder's name.
const MAP: &str = "-redaction-map.json";

/// Looks through all that was read, and names the identities in it.
pub fn see(ingested: &mut Ingested, evidence: &[PathBuf], reading: &Reading) {
    if !reading.redact {
        return;
    }
    let mut seen = Collector::default();
    let mut see = |field: Field, text: &str| {
        // What is dropped is no name.
        match without_secrets(text) {
            Some(text) => seen.see(field, &text),
            None => seen.see(field, text),
        }
        None
    };
    for path in evidence.iter().chain(&reading.messages) {
        see(Field::Path, &path.display().to_string());
    }
    for (template, usage) in &ingested.wordings {
        see(Field::Text, template);
        see(Field::Text, &usage.sample);
    }
    for name in ingested.names.values() {
        see(Field::Name, name);
    }
    for text in ingested.excerpts.values() {
        see(Field::Text, text);
    }
    walk::events(&mut ingested.events, &mut see);
    walk::files(&mut ingested.files, &mut see);
    walk::problems(&mut ingested.problems, &mut see);
    walk::snapshots(&mut ingested.snapshots, &mut see);
    walk::statuses(&mut ingested.statuses, &mut see);
    walk::listings(&mut ingested.listings, &mut see);
    // A second reading of the same evidence sees the same.
    let _ = REDACTION.set(seen.name());
    if reading.verbose {
        for file in &ingested.files {
            let path = output::clean(&path(&file.path));
            colour::tell(colour::PLAIN, "reading", &path);
        }
    }
}

/// A text without secrets, and with names for identities if the run redacts.
fn change(field: Field, text: &str) -> Option<String> {
    let bare = without_secrets(text);
    let now = bare.as_deref().unwrap_or(text);
    let named = REDACTION.get().and_then(|all| all.apply(field, now));
    named.or(bare)
}

/// A text that is printed or becomes a file's name.
pub fn line(text: &str) -> String {
    change(Field::Text, text).unwrap_or_else(|| text.to_owned())
}

/// A path of evidence that is printed or becomes a file's name.
pub fn path(text: &str) -> String {
    change(Field::Path, text).unwrap_or_else(|| text.to_owned())
}

/// A problem that is printed.
pub fn problem(problem: &Problem) -> String {
    let mut one = [problem.clone()];
    walk::problems(&mut one, &mut change);
    one[0].to_string()
}

/// All texts of a case and its events, before anything is drawn or written.
pub fn case(case: &mut Case, events: &mut [Event]) {
    // Each text is changed by itself, so the number of threads does not show.
    let Quoted { quotes, mut raw } = walk::case(case, &mut change);
    // Few parts, as each asks anew what its events share; but one for whoever is done first.
    let parts = 4 * rayon::current_num_threads();
    let length = |count: usize| count.div_ceil(parts).max(PART);
    quotes
        .into_par_iter()
        .for_each(|text| walk::string(text, &mut change));
    let keeps_names = REDACTION.get().is_none();
    let is_calm = |text: &str| !hints_at_secrets(text);
    let many = length(raw.len());
    let records = raw.par_chunks_mut(many);
    records.for_each(|part| {
        let mut answers = Answers::default();
        for record in part {
            if !(keeps_names && record.is_made_of(is_calm, &mut answers)) {
                walk::raw(record, &mut change);
            }
        }
    });
    let many = length(events.len());
    events
        .par_chunks_mut(many)
        .for_each(|part| walk::events(part, &mut change));
}

/// Where the report goes if nobody says so: its name is an output too.
pub fn default_folder(first: &Path) -> Result<PathBuf> {
    let folder = output::default_folder(first)?;
    let name = folder.to_string_lossy();
    // `Backup-report` is of a host if a folder `Backup` is.
    let (of, ending) = name
        .rfind("-report")
        .map_or((&*name, ""), |at| name.split_at(at));
    Ok(line(&(path(of) + ending)).into())
}

/// Refuses a place for the map that is somebody else's file or inside the report: before the long work.
pub fn check(reading: &Reading, folder: Option<&Path>) -> Result<()> {
    let Some(path) = &reading.redact_map else {
        return Ok(());
    };
    refuse_foreign(path)?;
    let whole = |path: &Path| std::fs::canonicalize(path).or_else(|_| std::path::absolute(path));
    let inside = folder.and_then(|folder| {
        let place = whole(parent(path)).ok()?;
        Some(place.starts_with(whole(folder).ok()?))
    });
    if inside == Some(true) {
        bail!(
            "--redact-map `{}` lies in the report folder; the map must not be given away with the report",
            path.display()
        );
    }
    Ok(())
}

fn refuse_foreign(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let mut head = vec![];
    if let Ok(file) = std::fs::File::open(path) {
        // What cannot be read is not ours.
        let _ = file.take(100).read_to_end(&mut head);
    }
    if !is_map_head(&head) {
        bail!(
            "`{}` is there and no redaction map of ours; name another file with --redact-map",
            path.display()
        );
    }
    Ok(())
}

/// Writes the map beside the report `folder`, or where the option says, for its owner only.
pub fn write_map(reading: &Reading, folder: &Path) -> Result<()> {
    let Some(redaction) = REDACTION.get().filter(|_| reading.redact) else {
        return Ok(());
    };
    let path = match &reading.redact_map {
        Some(path) => path.clone(),
        None => beside(folder)?,
    };
    refuse_foreign(&path)?;
    let Some(name) = path.file_name() else {
        bail!("--redact-map `{}` names no file", path.display())
    };
    let map = redaction.map();
    output::write_private(parent(&path), &name.to_string_lossy(), |out| {
        Ok(out.write_all(map.as_bytes())?)
    })?;
    if !reading.quiet {
        let text = format!(
            "what the names stand for is in `{}`, readable by you only; do not give it away",
            path.display()
        );
        colour::tell(colour::NOTE, "note", &output::clean(&text));
    }
    Ok(())
}

/// The map of a report folder: beside it, whatever it is called by.
fn beside(folder: &Path) -> Result<PathBuf> {
    let whole = match folder.file_name() {
        Some(_) if !folder.ends_with("..") => folder.to_path_buf(),
        _ => std::fs::canonicalize(folder)
            .with_context(|| format!("cannot find `{}`", folder.display()))?,
    };
    let name = whole
        .file_name()
        .map_or("report".into(), |name| name.to_string_lossy());
    Ok(whole.with_file_name(format!("{name}{MAP}")))
}

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_lies_beside_the_report_and_never_in_it() {
        let name = |folder: &str| beside(Path::new(folder)).unwrap().display().to_string();
        assert_eq!(name("a/case"), "a/case-redaction-map.json");
        assert_eq!(name("case/"), "case-redaction-map.json");
        let here = std::env::current_dir().unwrap();
        let name = format!(
            "{}-redaction-map.json",
            here.file_name().unwrap().to_string_lossy()
        );
        assert_eq!(beside(Path::new(".")).unwrap(), here.with_file_name(name));
    }

    #[test]
    fn only_a_map_of_ours_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.json");
        assert!(refuse_foreign(&path).is_ok());
        std::fs::write(&path, Collector::default().name().map()).unwrap();
        assert!(refuse_foreign(&path).is_ok());
        std::fs::write(&path, "{}").unwrap();
        assert!(refuse_foreign(&path).is_err());
    }
}
