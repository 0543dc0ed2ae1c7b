//! Writing files so that each is the old one or the whole new one.

use super::pictures::could_be_ours;
use crate::model::report;
use crate::render::text::clean as clean_text;
use anyhow::{Context, Result, bail};
use std::io::Write;
use std::path::{Path, PathBuf};

/// How our half-written files are called until they are whole.
const UNFINISHED: (&str, &str) = (".pkgtrail-", ".tmp");

/// Text from evidence, made harmless for a terminal.
pub fn clean(text: &str) -> String {
    clean_text(text)
}

/// Makes the report folder, or makes sure that an existing one is ours. Removes what a killed run left.
pub fn prepare(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()));
    }
    let names = names_in(folder)?;
    let killed = names.iter().any(|name| is_unfinished(name));
    // Without our verdicts, files of our names are somebody else's, unless a killed run left its traces.
    let ours = killed || is_report(folder);
    for name in &names {
        if is_unfinished(name) {
            let path = folder.join(name);
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove `{}`", path.display()))?;
        } else if !ours || !is_ours(name) {
            bail!("{}", foreign(folder, name));
        } else if report::FOLDERS.contains(&name.as_str()) {
            prepare_inner(folder, name)?;
        }
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
    let Ok(mut file) = std::fs::File::open(folder.join("verdicts.json")) else {
        return false;
    };
    let mut start = [0; 200];
    let count = std::io::Read::read(&mut file, &mut start).unwrap_or(0);
    report::is_verdicts_head(&start[..count])
}

/// Removes what an interrupted run has not finished. What cannot be removed now goes at the next run.
pub fn remove_unfinished(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_unfinished(&entry.file_name().to_string_lossy()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    remove_empty(folder);
}

/// Removes the inner folders that hold nothing.
fn remove_empty(folder: &Path) {
    for name in report::FOLDERS {
        let _ = std::fs::remove_dir(folder.join(name));
    }
}

fn is_unfinished(name: &str) -> bool {
    name.starts_with(UNFINISHED.0) && name.ends_with(UNFINISHED.1)
}

/// Writes one file beside its place, then renames it.
pub fn write(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    Batch::new(folder).add(name, fill)?.finish()
}

/// Files that are all written whole before the first of them gets its name.
pub struct Batch<'a> {
    folder: &'a Path,
    written: Vec<(PathBuf, tempfile::NamedTempFile)>,
}

impl<'a> Batch<'a> {
    pub fn new(folder: &'a Path) -> Batch<'a> {
        super::interrupt::writing_to(folder);
        Batch {
            folder,
            written: Vec::new(),
        }
    }

    /// Writes one more file, beside its place or above it: `pictures/x.png` in the folder itself.
    pub fn add(
        mut self,
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> Result<()>,
    ) -> Result<Self> {
        let target = self.folder.join(name);
        let problem = || format!("cannot write `{}`", target.display());
        let file = tempfile::Builder::new()
            .prefix(UNFINISHED.0)
            .suffix(UNFINISHED.1)
            .permissions(permissions())
            .tempfile_in(self.folder)
            .with_context(problem)?;
        let mut out = std::io::BufWriter::new(file);
        fill(&mut out).with_context(problem)?;
        let file = out
            .into_inner()
            .map_err(|error| error.into_error())
            .with_context(problem)?;
        file.as_file().sync_all().with_context(problem)?;
        self.written.push((target, file));
        Ok(self)
    }

    /// The same for a whole report: what an earlier one left and this one does not have, goes before
    /// the last file gets its name. A folder never mixes two runs.
    pub fn finish_report(self) -> Result<()> {
        self.persist(remove_stale)
    }

    /// Gives all files their names, in the order in which they were added.
    pub fn finish(self) -> Result<()> {
        self.persist(|_, _| Ok(()))
    }

    fn persist(self, before_the_last: impl Fn(&Path, &[PathBuf]) -> Result<()>) -> Result<()> {
        let written: Vec<PathBuf> = self.written.iter().map(|one| one.0.clone()).collect();
        for (target, file) in self.written {
            let problem = || format!("cannot write `{}`", target.display());
            if Some(&target) == written.last() {
                before_the_last(self.folder, &written)?;
            }
            // Not before: an inner folder without a report would look like somebody else's.
            if let Some(inner) = target.parent().filter(|inner| *inner != self.folder) {
                std::fs::create_dir_all(inner).with_context(problem)?;
            }
            let persisted = file.persist(&target).map_err(|error| error.error);
            persisted.with_context(problem)?;
        }
        Ok(())
    }
}

/// Removes the files of an earlier report that are not in `written`: they would tell of other evidence.
/// Only what a run of ours could have made is removed.
fn remove_stale(folder: &Path, written: &[PathBuf]) -> Result<()> {
    let tops = report::FILES.iter().map(|name| folder.join(name));
    let mut stale: Vec<PathBuf> = tops.collect();
    for name in report::FOLDERS {
        let inner = folder.join(name);
        if std::fs::symlink_metadata(&inner).is_ok_and(|about| about.is_dir()) {
            let mut names = names_in(&inner)?;
            names.retain(|one| could_be_ours(name, one));
            stale.extend(names.iter().map(|one| inner.join(one)));
        }
    }
    stale.retain(|path| !written.contains(path));
    for path in stale {
        if std::fs::symlink_metadata(&path).is_ok_and(|about| about.is_file()) {
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove `{}`", path.display()))?;
        }
    }
    remove_empty(folder);
    Ok(())
}

/// What a file made by hand would have, not the narrow mode of temporary files.
fn permissions() -> std::fs::Permissions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::Permissions::from_mode(0o644)
    }
    #[cfg(not(unix))]
    {
        // Windows knows no mode; the folder's rights are inherited.
        std::fs::metadata(".")
            .map(|about| about.permissions())
            .unwrap_or_else(|_| unreachable!("the current folder has permissions"))
    }
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
    fn an_inner_folder_is_made_with_its_first_file_and_goes_with_its_last() {
        let folder = tempfile::tempdir().unwrap();
        fn fill(out: &mut dyn Write) -> Result<()> {
            Ok(out.write_all(b"{}")?)
        }
        let picture = "pictures/1ec214b8-e862-44a9-b3a6-27d918d136a2.png";
        let batch = Batch::new(folder.path()).add(picture, fill).unwrap();
        assert!(!folder.path().join("pictures").exists());
        // Interrupted here, nothing is left that would be refused later.
        drop(batch);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let batch = Batch::new(folder.path()).add(picture, fill).unwrap();
        let batch = batch.add("timeline.svg", fill).unwrap();
        batch.finish_report().unwrap();
        assert!(folder.path().join(picture).exists());
        let foreign = folder.path().join("pictures/notes.txt");
        std::fs::write(&foreign, "mine").unwrap();
        let batch = Batch::new(folder.path()).add("summary.md", fill).unwrap();
        batch.finish_report().unwrap();
        assert!(!folder.path().join(picture).exists() && foreign.exists());
        assert!(!folder.path().join("timeline.svg").exists());
        std::fs::remove_file(foreign).unwrap();
        remove_unfinished(folder.path());
        assert!(!folder.path().join("pictures").exists());
    }

    #[test]
    fn a_folder_with_other_things_is_refused_and_ours_is_updated() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "verdicts.json", |out| {
            Ok(out.write_all(b"{}")?)
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
