//! Writing files so that each is the old one or the whole new one.

use super::pictures::could_be_ours;
use super::unfinished::{self, MARK, Unfinished, is_unfinished};
use crate::model::lock::locked;
use crate::model::report;
use crate::render::text::clean as clean_text;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Text from evidence, made harmless for a terminal: without secrets, redacted if the run redacts.
pub fn clean(text: &str) -> String {
    clean_text(&super::redacted::line(text))
}

/// Makes the report folder, or makes sure that an existing one is ours. Removes what a killed run
/// left half-written. Where that run left a part of a report, its mark stays until a whole one is there.
pub fn prepare(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()));
    }
    let names = names_in(folder)?;
    let (unfinished, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| is_unfinished(name));
    // Without our verdicts, files of our names are somebody else's, unless a killed run left its traces.
    let is_whole = is_report(folder);
    let ours = is_whole || !unfinished.is_empty();
    for name in &others {
        if !ours || !is_ours(name) {
            bail!("{}", foreign(folder, name));
        } else if report::FOLDERS.contains(&name.as_str()) {
            prepare_inner(folder, name)?;
        } else if std::fs::symlink_metadata(folder.join(name)).is_ok_and(|about| about.is_dir()) {
            bail!("{}", foreign(folder, name));
        }
    }
    for name in &unfinished {
        if unfinished::is_alive(&folder.join(name)) {
            bail!(
                "another run of pkgtrail writes to the folder `{}`; wait for its end, or name another one with -o",
                folder.display()
            );
        }
    }
    // Only now: a trace that went would make the folder somebody else's at the next run.
    let is_part = !unfinished.is_empty() && !others.is_empty() && !is_whole;
    if is_part {
        unfinished::mark(folder)?;
    }
    let keep_mark = !others.is_empty();
    for name in unfinished {
        let path = folder.join(name);
        match keep_mark && name == MARK {
            // This run's own can take its place then.
            true => unfinished::empty(&path),
            false => unfinished::remove(&path),
        }
        .with_context(|| format!("cannot remove `{}`", path.display()))?;
    }
    Ok(())
}

/// Makes sure that a folder in the report is a real one and holds nothing but pictures of ours.
fn prepare_inner(folder: &Path, name: &str) -> Result<()> {
    let inner = folder.join(name);
    // Not `is_dir`: a link would lead our files, and what we remove, somewhere else.
    if !std::fs::symlink_metadata(&inner).is_ok_and(|about| about.is_dir()) {
        bail!("{}", foreign(folder, name));
    }
    for one in names_in(&inner)? {
        let is_file =
            std::fs::symlink_metadata(inner.join(&one)).is_ok_and(|about| about.is_file());
        if !is_file || !could_be_ours(name, &one) {
            bail!("{}", foreign(folder, &format!("{name}/{one}")));
        }
    }
    Ok(())
}

fn foreign(folder: &Path, name: &str) -> String {
    format!(
        "the folder `{}` holds `{name}`, which is not of an earlier report; name an empty or a new folder with -o",
        folder.display()
    )
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let problem = || {
        format!(
            "cannot write to `{}`: it is no folder that can be read",
            folder.display()
        )
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(problem)? {
        names.push(
            entry
                .with_context(problem)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    Ok(names)
}

/// Whether something in a report folder may be ours, by its name.
fn is_ours(name: &str) -> bool {
    report::FILES.contains(&name) || report::FOLDERS.contains(&name)
}

/// Whether a folder holds a report of ours, by its `verdicts.json`.
fn is_report(folder: &Path) -> bool {
    let Ok(mut file) = File::open(folder.join("verdicts.json")) else {
        return false;
    };
    let mut start = [0; 200];
    let count = io::Read::read(&mut file, &mut start).unwrap_or(0);
    report::is_verdicts_head(&start[..count])
}

/// Removes the inner folders that hold nothing.
fn remove_empty(folder: &Path) {
    for name in report::FOLDERS {
        let _ = std::fs::remove_dir(folder.join(name));
    }
}

/// Writes one file beside its place, then renames it.
pub fn write(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    unfinished::sweep(folder);
    Batch::new(folder)?.add(name, fill)?.finish()
}

/// The same for a file that only its owner may read. Where the system knows no modes, the folder's
/// rights count.
pub fn write_private(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    unfinished::sweep(folder);
    let mut batch = Batch::new(folder)?;
    batch.is_private = true;
    batch.add(name, fill)?.finish()
}

/// Bytes after which the disk may begin.
const AHEAD: usize = 1 << 20;

/// Bytes that are given to the system at once, at least.
const CHUNK: usize = 64 << 10;

/// A file that goes to the disk while more of it is made: to wait for all of a large one at the end
/// takes as long as to make a tenth of a report.
struct Flowing {
    file: File,
    /// Bytes that the disk was not told of.
    waiting: usize,
    helper: Option<Helper>,
}

/// A thread that waits for the disk.
struct Helper {
    tell: SyncSender<()>,
    done: Receiver<io::Result<()>>,
}

impl Helper {
    /// `None` if no thread can be had: then all is waited for at the end.
    fn new(file: &File) -> Option<Helper> {
        let own = file.try_clone().ok()?;
        let (tell, told) = sync_channel(1);
        let (end, done) = sync_channel(1);
        let work = move || {
            let result = told.into_iter().try_for_each(|()| own.sync_data());
            drop(own);
            // Whoever asks waits for it.
            let _ = end.send(result);
        };
        thread::Builder::new().spawn(work).ok()?;
        Some(Helper { tell, done })
    }
}

impl Flowing {
    fn new(file: File) -> Flowing {
        Flowing {
            file,
            waiting: 0,
            helper: None,
        }
    }

    /// Waits until the disk has all. What it could not take it tells only once, so what the other
    /// thread was told counts, too.
    fn finish(self) -> io::Result<()> {
        if let Some(Helper { tell, done }) = self.helper {
            drop(tell);
            // Not for the end of the thread: it gives memory back, and waits for others who do.
            let ended = || io::Error::other("nobody waited for the disk to the end");
            done.recv().unwrap_or_else(|_| Err(ended()))?;
        }
        self.file.sync_all()
    }
}

impl Write for Flowing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.waiting += count;
        if self.waiting >= AHEAD {
            self.waiting = 0;
            if self.helper.is_none() {
                self.helper = Helper::new(&self.file);
            }
            // Where the disk is not done yet, what it was told last is told once more later.
            let _ = self.helper.as_ref().map(|helper| helper.tell.try_send(()));
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

type Fill<'f> = dyn FnOnce(&mut dyn Write) -> Result<()> + Send + 'f;

/// A file that is to be written: its name in the folder, and what writes it.
pub struct Made<'f> {
    name: String,
    fill: Box<Fill<'f>>,
    effort: Effort,
}

/// What it takes to make a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effort {
    Usual,
    Long,
    Large,
}

impl<'f> Made<'f> {
    pub fn new(
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<()> + Send + 'f,
    ) -> Made<'f> {
        Made {
            name: name.to_owned(),
            fill: Box::new(fill),
            effort: Effort::Usual,
        }
    }

    /// The same, as a file that takes longest of all to make: the thread that asks for all begins with
    /// it, which is the one that has the help of the others.
    #[must_use]
    pub fn long(self) -> Made<'f> {
        Made {
            effort: Effort::Long,
            ..self
        }
    }

    /// The same, as a file that the disk takes long to take: it is begun before all others.
    #[must_use]
    pub fn large(self) -> Made<'f> {
        Made {
            effort: Effort::Large,
            ..self
        }
    }
}

/// Files that are all written whole before the first of them gets its name.
pub struct Batch<'a> {
    folder: &'a Path,
    unfinished: Unfinished,
    /// Where each is to stand, and what it is called until then.
    written: Vec<(PathBuf, String)>,
    /// Whether only the owner may read them.
    is_private: bool,
}

impl<'a> Batch<'a> {
    pub fn new(folder: &'a Path) -> Result<Batch<'a>> {
        Ok(Batch {
            folder,
            unfinished: Unfinished::begin(folder)?,
            written: Vec::new(),
            is_private: false,
        })
    }

    /// Writes one more file, which gets its name later.
    pub fn add(
        mut self,
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<Self> {
        self.written.push(self.write(name, fill)?);
        Ok(self)
    }

    /// Writes several files on so many threads. They get their names in the order given, whichever
    /// is whole first. Where several cannot be written, the first of them is told, because each is tried.
    pub fn add_all(mut self, mut files: Vec<Made<'_>>, threads: usize) -> Result<Self> {
        let mut written: Vec<_> = files.iter().map(|_| None).collect();
        let mut waiting: Vec<_> = files.drain(..).zip(&mut written).collect();
        // From behind.
        waiting.sort_by_key(|(file, _)| file.effort);
        // Who writes a large file mostly waits, for the disk and for those who make it.
        let is_shared = |(file, _): &(Made<'_>, _)| threads <= 1 || file.effort < Effort::Large;
        let large = waiting.split_off(waiting.partition_point(is_shared));
        let others = threads.min(waiting.len());
        let first = waiting.pop();
        let waiting = Mutex::new(waiting);
        let write = |(file, place): (Made<'_>, &mut Option<_>)| {
            *place = Some(self.write(&file.name, file.fill));
        };
        let work = || {
            loop {
                let next = locked(&waiting).pop();
                let Some(next) = next else { break };
                write(next);
            }
        };
        thread::scope(|scope| {
            for one in large {
                scope.spawn(|| write(one));
            }
            for _ in 1..others {
                scope.spawn(work);
            }
            if let Some(first) = first {
                write(first);
            }
            work();
        });
        drop(waiting);
        let written: Result<Vec<_>> = written.into_iter().flatten().collect();
        self.written.extend(written?);
        Ok(self)
    }

    fn write(
        &self,
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<(PathBuf, String)> {
        let target = self.folder.join(name);
        let problem = || format!("cannot write `{}`", target.display());
        let (until, file) = self
            .unfinished
            .file(self.is_private)
            .with_context(problem)?;
        let mut out = io::BufWriter::with_capacity(CHUNK, Flowing::new(file));
        fill(&mut out).with_context(problem)?;
        let file = out
            .into_inner()
            .map_err(|error| error.into_error())
            .with_context(problem)?;
        file.finish().with_context(problem)?;
        Ok((target, until))
    }

    /// Gives all files their names, in the order in which they were added.
    pub fn finish(self) -> Result<()> {
        let _put_off = super::interrupt::put_off();
        for (target, until) in &self.written {
            self.unfinished.give_name(until, target)?;
        }
        Ok(())
    }

    /// The same for a whole report: what an earlier one left and this one does not have, goes before
    /// the last file gets its name. `removed` gets the names of what went.
    ///
    /// A folder never mixes two runs: an interrupt waits, and where the program is killed or a file
    /// cannot get its name, the mark stays, by which [`prepare`] knows the folder and the next run
    /// mends it.
    pub fn finish_report(self, removed: &mut Vec<String>) -> Result<()> {
        let _put_off = super::interrupt::put_off();
        self.name_all(removed, &mut || Ok(()))
    }

    /// Before each change to the folder, `step` is asked: tests stop there.
    fn name_all(
        mut self,
        removed: &mut Vec<String>,
        step: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        let folder = self.folder;
        let written: Vec<PathBuf> = self.written.iter().map(|one| one.0.clone()).collect();
        step()?;
        self.unfinished.mark()?;
        let mut named = || -> Result<()> {
            for (target, until) in &self.written {
                if Some(target) == written.last() {
                    step()?;
                    remove_stale(folder, &written, removed)?;
                }
                // Not before: an inner folder without a report would look like somebody else's.
                if let Some(inner) = target.parent().filter(|inner| *inner != folder) {
                    step()?;
                    std::fs::create_dir_all(inner)
                        .with_context(|| format!("cannot write `{}`", target.display()))?;
                }
                step()?;
                self.unfinished.give_name(until, target)?;
            }
            Ok(())
        };
        named().with_context(|| {
            format!(
                "the report in `{}` is not whole; run again when the cause is gone",
                folder.display()
            )
        })?;
        step()?;
        self.unfinished.end();
        Ok(())
    }
}

/// Removes the files of an earlier report that are not in `written`: they would tell of other evidence.
/// Only what a run of ours could have made is removed; of a link, the link and never what it leads to.
/// The names of what went are added to `removed`.
fn remove_stale(folder: &Path, written: &[PathBuf], removed: &mut Vec<String>) -> Result<()> {
    let mut stale: Vec<String> = report::FILES.map(str::to_owned).to_vec();
    for name in report::FOLDERS {
        let inner = folder.join(name);
        if std::fs::symlink_metadata(&inner).is_ok_and(|about| about.is_dir()) {
            let mut names = names_in(&inner)?;
            names.retain(|one| could_be_ours(name, one));
            stale.extend(names.iter().map(|one| format!("{name}/{one}")));
        }
    }
    for name in stale {
        let path = folder.join(&name);
        let is_there = std::fs::symlink_metadata(&path).is_ok_and(|about| !about.is_dir());
        if is_there && !written.contains(&path) {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove `{}`", path.display()))?;
            removed.push(name);
        }
    }
    remove_empty(folder);
    Ok(())
}

/// `<name>-report` in the current folder, by the name of the first EVIDENCE without archive endings.
pub fn default_folder(first: &Path) -> Result<PathBuf> {
    let whole = if first.file_name().is_some() && !first.ends_with("..") {
        first.to_path_buf()
    } else {
        std::fs::canonicalize(first)
            .with_context(|| format!("cannot find `{}`", first.display()))?
    };
    let name = whole.file_name().map_or("evidence".into(), |name| {
        name.to_string_lossy().into_owned()
    });
    let mut stem = name.as_str();
    // `logs.tar.gz` loses both; a name that is nothing but an ending keeps it.
    while let Some((front, ending)) = stem.rsplit_once('.') {
        let archive =
            ["zip", "tar", "gz", "tgz", "7z"].contains(&ending.to_ascii_lowercase().as_str());
        if front.is_empty() || !archive || whole.is_dir() {
            break;
        }
        stem = front;
    }
    Ok(PathBuf::from(format!("{stem}-report")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_folder_is_named_after_the_evidence() {
        let name = |path: &str| {
            default_folder(Path::new(path))
                .unwrap()
                .display()
                .to_string()
        };
        assert_eq!(name("a/bundle.zip"), "bundle-report");
        assert_eq!(name("a/logs.tar.gz"), "logs-report");
        assert_eq!(name("a/agent.log"), "agent.log-report");
        assert_eq!(name("case.d/"), "case.d-report");
        let here = std::env::current_dir().unwrap();
        assert_eq!(
            name("."),
            format!("{}-report", here.file_name().unwrap().to_string_lossy())
        );
    }

    #[test]
    fn a_large_file_goes_to_the_disk_in_parts_and_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let part: Vec<u8> = (0..AHEAD / 3 + 1).map(|at| (at % 251) as u8).collect();
        for parts in [0, 1, 3, 4, 17] {
            write(folder.path(), "timeline.csv", |out| {
                (0..parts).try_for_each(|_| Ok(out.write_all(&part)?))
            })
            .unwrap();
            let written = std::fs::read(folder.path().join("timeline.csv")).unwrap();
            assert!(written == part.repeat(parts), "{parts}");
        }
        // A disk that is full says so, whoever asks it.
        let full = File::options().write(true).open("/dev/full");
        if let Ok(full) = full {
            let mut out = Flowing::new(full);
            assert!(out.write_all(&part).is_err());
        }
    }

    #[test]
    fn an_inner_folder_is_made_with_its_first_file_and_goes_with_its_last() {
        let folder = tempfile::tempdir().unwrap();
        fn fill(out: &mut dyn Write) -> Result<()> {
            Ok(out.write_all(b"{}")?)
        }
        let picture = "pictures/1ec214b8-e862-44a9-b3a6-27d918d136a2.png";
        let batch = Batch::new(folder.path())
            .unwrap()
            .add(picture, fill)
            .unwrap();
        assert!(!folder.path().join("pictures").exists());
        // Interrupted here, nothing is left that would be refused later.
        drop(batch);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut removed = Vec::new();
        let batch = Batch::new(folder.path())
            .unwrap()
            .add(picture, fill)
            .unwrap();
        let batch = batch.add("timeline.svg", fill).unwrap();
        batch.finish_report(&mut removed).unwrap();
        assert!(folder.path().join(picture).exists());
        assert_eq!(removed, [] as [&str; 0]);
        let foreign = folder.path().join("pictures/notes.txt");
        std::fs::write(&foreign, "mine").unwrap();
        let batch = Batch::new(folder.path())
            .unwrap()
            .add("summary.md", fill)
            .unwrap();
        batch.finish_report(&mut removed).unwrap();
        assert!(!folder.path().join(picture).exists() && foreign.exists());
        assert_eq!(removed, ["timeline.svg", picture]);
        std::fs::remove_file(foreign).unwrap();
        let batch = Batch::new(folder.path())
            .unwrap()
            .add("summary.md", fill)
            .unwrap();
        batch.finish_report(&mut removed).unwrap();
        assert!(!folder.path().join("pictures").exists());
        assert_eq!(names_in(folder.path()).unwrap(), ["summary.md"]);
    }

    #[test]
    fn files_get_their_names_in_the_order_given_however_many_threads_write_them() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<String> = (0..9).map(|number| format!("{number}.txt")).collect();
        for threads in [0, 1, 2, 20] {
            let text = format!("{threads}");
            let file = |name: &String| {
                let text = &text;
                Made::new(name, move |out| Ok(out.write_all(text.as_bytes())?))
            };
            let files = names.iter().map(file).collect();
            let batch = Batch::new(folder.path())
                .unwrap()
                .add_all(files, threads)
                .unwrap();
            let written = batch.written.iter().map(|(path, _)| path.clone());
            let wanted: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
            assert_eq!(written.collect::<Vec<_>>(), wanted);
            batch.finish().unwrap();
            for name in &names {
                let path = folder.path().join(name);
                assert_eq!(std::fs::read_to_string(path).unwrap(), text);
            }
        }
        let none = Batch::new(folder.path())
            .unwrap()
            .add_all(vec![], 2)
            .unwrap();
        assert!(none.written.is_empty());
    }

    #[test]
    fn of_files_that_cannot_be_written_the_first_is_told_and_nothing_stays() {
        let folder = tempfile::tempdir().unwrap();
        for threads in [1, 2, 4] {
            let file = |number: usize| {
                Made::new(&format!("{number}.txt"), move |out| match number {
                    1 | 2 => bail!("the disk is full"),
                    _ => Ok(out.write_all(b"whole")?),
                })
            };
            let batch = Batch::new(folder.path())
                .unwrap()
                .add_all((0..4).map(file).collect(), threads);
            let error = format!("{:#}", batch.err().unwrap());
            let told = error.contains("1.txt") && error.contains("the disk is full");
            assert!(told, "{error}");
            assert_eq!(names_in(folder.path()).unwrap(), [] as [&str; 0]);
        }
    }

    const PICTURE: &str = "pictures/1ec214b8-e862-44a9-b3a6-27d918d136a2.png";

    /// A report of the run `number`; what only one of the two runs writes, the other one removes.
    fn batch(folder: &Path, number: u32) -> Batch<'_> {
        let form = ["report.xlsx", "trace.json"][number as usize % 2];
        let names = [form, PICTURE, "charts/cycle.png", "report.html"];
        let text = format!("{{\"schema\": \"pkgtrail-verdicts-1\", \"run\": {number}}}");
        let mut batch = Batch::new(folder).unwrap();
        for name in names.into_iter().chain(["verdicts.json"]) {
            let fill = |out: &mut dyn Write| Ok(out.write_all(text.as_bytes())?);
            batch = batch.add(name, fill).unwrap();
        }
        batch
    }

    /// All files of a folder with their texts.
    fn all(folder: &Path) -> Vec<(String, String)> {
        let read = |at: &Path| std::fs::read_to_string(at).unwrap();
        let mut found = Vec::new();
        for name in names_in(folder).unwrap() {
            let path = folder.join(&name);
            if path.is_dir() {
                for (inner, text) in all(&path) {
                    found.push((format!("{name}/{inner}"), text));
                }
            } else {
                found.push((name, read(&path)));
            }
        }
        found
    }

    fn copy(from: &Path, to: &Path) {
        for (name, text) in all(from) {
            let target = to.join(name);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::write(target, text).unwrap();
        }
        for name in report::FOLDERS
            .iter()
            .filter(|name| from.join(name).exists())
        {
            std::fs::create_dir_all(to.join(name)).unwrap();
        }
    }

    /// The next run takes the folder, whatever it got so far, and leaves a whole report and no more.
    fn mends(folder: &Path, whole: &[(String, String)], when: &str) {
        // A run that stops before it writes must not take the trace away.
        for _ in 0..2 {
            prepare(folder).unwrap_or_else(|error| panic!("{when}: {error:#}"));
        }
        batch(folder, 3).finish_report(&mut Vec::new()).unwrap();
        assert_eq!(all(folder), whole, "{when}");
    }

    #[test]
    fn a_report_that_was_stopped_anywhere_is_mended_by_the_next_run() {
        let fresh = tempfile::tempdir().unwrap();
        batch(fresh.path(), 3)
            .finish_report(&mut Vec::new())
            .unwrap();
        let whole = all(fresh.path());
        for earlier in [false, true] {
            let mut stops = 0;
            loop {
                let failing = tempfile::tempdir().unwrap();
                if earlier {
                    batch(failing.path(), 1)
                        .finish_report(&mut Vec::new())
                        .unwrap();
                }
                // What a kill at this place leaves, half-written files and all.
                let killed = tempfile::tempdir().unwrap();
                let mut at = 0;
                let ended = batch(failing.path(), 2).name_all(&mut Vec::new(), &mut || {
                    if at == stops {
                        copy(failing.path(), killed.path());
                        bail!("the disk is full");
                    }
                    at += 1;
                    Ok(())
                });
                if ended.is_ok() {
                    break;
                }
                mends(
                    killed.path(),
                    &whole,
                    &format!("killed at {stops}, {earlier}"),
                );
                mends(
                    failing.path(),
                    &whole,
                    &format!("failed at {stops}, {earlier}"),
                );
                stops += 1;
            }
            // The mark, five names, two folders, what is stale, the mark again.
            assert_eq!(stops, 10);
        }
    }

    #[test]
    fn what_a_stopped_run_left_beside_something_foreign_stays_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("report.html"), "half a report").unwrap();
        unfinished::mark(folder.path()).unwrap();
        let thesis = folder.path().join("thesis.doc");
        std::fs::write(&thesis, "").unwrap();
        for _ in 0..2 {
            assert!(format!("{:#}", prepare(folder.path()).unwrap_err()).contains("thesis.doc"));
        }
        std::fs::remove_file(thesis).unwrap();
        prepare(folder.path()).unwrap();
        // A folder with the name of a file would stop the run in the midst of its names.
        std::fs::create_dir(folder.path().join("summary.md")).unwrap();
        assert!(prepare(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn of_a_link_only_the_link_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        batch(folder.path(), 1)
            .finish_report(&mut Vec::new())
            .unwrap();
        let outside = tempfile::tempdir().unwrap();
        let target = outside.path().join("mine.svg");
        std::fs::write(&target, "mine").unwrap();
        std::os::unix::fs::symlink(&target, folder.path().join("timeline.svg")).unwrap();
        prepare(folder.path()).unwrap();
        let mut removed = Vec::new();
        batch(folder.path(), 3).finish_report(&mut removed).unwrap();
        assert_eq!(removed, ["timeline.svg"]);
        assert_eq!(std::fs::read_to_string(target).unwrap(), "mine");
    }

    #[test]
    fn a_folder_that_another_run_writes_to_is_refused_until_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let living = batch(folder.path(), 1);
        let told = format!("{:#}", prepare(folder.path()).unwrap_err());
        assert!(told.contains("another run of pkgtrail"), "{told}");
        living.finish_report(&mut Vec::new()).unwrap();
        prepare(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_with_other_things_is_refused_and_ours_is_updated() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "verdicts.json", |out| {
            Ok(out.write_all(b"{\"schema\": \"pkgtrail-verdicts-1\"}")?)
        })
        .unwrap();
        std::fs::write(folder.path().join(".pkgtrail-x.tmp"), "half").unwrap();
        prepare(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::write(folder.path().join("thesis.doc"), "").unwrap();
        assert!(prepare(folder.path()).is_err());
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join("report.html"), "mine").unwrap();
        assert!(
            prepare(other.path()).is_err(),
            "a page of that name is not ours"
        );
    }
}
