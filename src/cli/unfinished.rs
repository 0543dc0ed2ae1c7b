//! Where files are made until they get their names: one folder beside them, `.pkgtrail-….tmp`.
//!
//! A kill leaves this folder and nothing else of ours; the next run there removes it. Whether the run
//! that made it still lives, its lock tells.

use anyhow::{Context, Result};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

const NAME: (&str, &str) = (".pkgtrail-", ".tmp");
/// What the folder is called while a report's files get their names. Where it stayed, a run was stopped
/// in between: what lies beside it is ours, but of two runs, or a part of one.
pub const MARK: &str = ".pkgtrail-unfinished.tmp";
/// Stands in each such folder and is locked by the run that made it.
const NOTE: &str = "not-whole.txt";
const NOTE_SAYS: &str = "pkgtrail makes its files in this folder. If it is not running, it was stopped, and what it wrote is\n\
     not whole. Run it again: the folder goes.\n";

/// The folder of one run. When it goes, the files in it that have no names yet go, too.
#[derive(Debug)]
pub struct Unfinished {
    /// Where the files are to stand.
    beside: PathBuf,
    path: PathBuf,
    is_mark: bool,
    count: AtomicUsize,
    _lock: File,
}

impl Unfinished {
    /// Makes one. It is registered with the interrupt, which removes it.
    pub fn begin(beside: &Path) -> Result<Unfinished> {
        let problem = || format!("cannot write to `{}`", beside.display());
        // Not behind an interrupt that has tidied up here already.
        let mut interrupt = super::interrupt::put_off();
        let made = tempfile::Builder::new()
            .prefix(NAME.0)
            .suffix(NAME.1)
            .tempdir_in(beside)
            .with_context(problem)?;
        let mut note = File::create_new(made.path().join(NOTE)).with_context(problem)?;
        // Where there are no locks, nobody can tell a living run from a dead one.
        let _ = note.try_lock();
        note.write_all(NOTE_SAYS.as_bytes()).with_context(problem)?;
        let path = made.keep();
        *interrupt = Some(path.clone());
        Ok(Unfinished {
            beside: beside.to_path_buf(),
            path,
            is_mark: false,
            count: AtomicUsize::new(0),
            _lock: note,
        })
    }

    /// A new file, and what it is called in here.
    pub fn file(&self, is_private: bool) -> io::Result<(String, File)> {
        let name = self.count.fetch_add(1, Ordering::Relaxed).to_string();
        let _put_off = super::interrupt::put_off();
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if is_private {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        // Windows knows no mode; the rights of the folder are inherited.
        #[cfg(not(unix))]
        let _ = is_private;
        let file = options.open(self.path.join(&name))?;
        Ok((name, file))
    }

    /// Gives one of the files its name.
    pub fn give_name(&self, name: &str, target: &Path) -> Result<()> {
        std::fs::rename(self.path.join(name), target)
            .with_context(|| format!("cannot write `{}`", target.display()))
    }

    /// From here on, what stands beside is a mixture. Where an earlier run left the mark, it says so already.
    pub fn mark(&mut self) -> Result<()> {
        let mark = self.beside.join(MARK);
        match std::fs::rename(&self.path, &mark) {
            Ok(()) => {
                self.path = mark;
                self.is_mark = true;
                Ok(())
            }
            Err(_) if std::fs::symlink_metadata(&mark).is_ok() => Ok(()),
            Err(error) => Err(error).with_context(|| format!("cannot write `{}`", mark.display())),
        }
    }

    /// All files have their names: what stands beside is whole.
    pub fn end(mut self) {
        self.is_mark = false;
        // What stays, the next run takes away.
        let _ = remove(&self.beside.join(MARK));
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.is_mark {
            let _ = empty(&self.path);
        } else {
            let _ = remove(&self.path);
        }
    }
}

pub fn is_unfinished(name: &str) -> bool {
    name.starts_with(NAME.0) && name.ends_with(NAME.1)
}

/// Puts the mark into a folder, unless it is there.
pub fn mark(beside: &Path) -> Result<()> {
    let path = beside.join(MARK);
    match std::fs::create_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
    .with_context(|| format!("cannot write `{}`", path.display()))
}

/// Removes what a run left, a folder or a file. What else lies in the folder makes it an error.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path)?.is_dir() {
        true => empty(path).and_then(|()| std::fs::remove_dir(path)),
        false => std::fs::remove_file(path),
    }
}

/// Removes the files in such a folder, the note last: without it the folder would not be known as ours.
pub fn empty(path: &Path) -> io::Result<()> {
    if !std::fs::symlink_metadata(path)?.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_name() != NOTE {
            std::fs::remove_file(entry.path())?;
        }
    }
    match std::fs::remove_file(path.join(NOTE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether the run that made such a folder is still at work.
pub fn is_alive(path: &Path) -> bool {
    let note = File::open(path.join(NOTE));
    note.is_ok_and(|note| matches!(note.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
}

/// Removes what killed runs left in a folder that is not a report's. Nothing that could be somebody else's.
pub fn sweep(beside: &Path) {
    for entry in std::fs::read_dir(beside).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // The mark is for the next run of `report`.
        if !is_unfinished(&name) || name == MARK {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let Ok(note) = File::open(path.join(NOTE)) else {
            continue;
        };
        let says = io::read_to_string(io::Read::take(&note, NOTE_SAYS.len() as u64));
        if is_folder && note.try_lock().is_ok() && says.is_ok_and(|says| says == NOTE_SAYS) {
            let _ = remove(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn what_the_dead_left_goes_and_the_living_and_foreign_stay() {
        let here = tempfile::tempdir().unwrap();
        let living = Unfinished::begin(here.path()).unwrap();
        living.file(false).unwrap();
        let dead = here.path().join(".pkgtrail-dead.tmp");
        std::fs::create_dir(&dead).unwrap();
        std::fs::write(dead.join(NOTE), NOTE_SAYS).unwrap();
        std::fs::write(dead.join("0"), "half").unwrap();
        let foreign = here.path().join(".pkgtrail-mine.tmp");
        std::fs::create_dir(&foreign).unwrap();
        std::fs::write(foreign.join(NOTE), "my own words").unwrap();
        std::fs::write(here.path().join(".pkgtrail-file.tmp"), "mine").unwrap();
        mark(here.path()).unwrap();
        assert!(is_alive(&living.path) && !is_alive(&dead) && !is_alive(&foreign));
        sweep(here.path());
        assert!(!dead.exists() && foreign.exists() && living.path.exists());
        assert_eq!(count(here.path()), 4);
        drop(living);
        assert_eq!(count(here.path()), 3);
    }

    #[test]
    fn a_folder_of_ours_with_something_foreign_in_it_is_not_removed() {
        let here = tempfile::tempdir().unwrap();
        let ours = here.path().join(MARK);
        std::fs::create_dir_all(ours.join("thesis")).unwrap();
        std::fs::write(ours.join("thesis/one.doc"), "mine").unwrap();
        assert!(remove(&ours).is_err());
        assert!(ours.join("thesis/one.doc").exists());
    }

    #[test]
    fn a_mark_of_an_earlier_run_is_taken_over() {
        let here = tempfile::tempdir().unwrap();
        // Empty, as `prepare` leaves it; full, or a file, where that could not be done.
        for earlier in ["none", "empty", "full", "file"] {
            let at = here.path().join(MARK);
            match earlier {
                "none" => {}
                "file" => std::fs::write(&at, "").unwrap(),
                _ => std::fs::create_dir(&at).unwrap(),
            }
            if earlier == "full" {
                std::fs::write(at.join("0"), "half").unwrap();
            }
            let mut one = Unfinished::begin(here.path()).unwrap();
            let (name, _) = one.file(false).unwrap();
            one.mark().unwrap();
            assert!(at.exists());
            let target = here.path().join("whole");
            one.give_name(&name, &target).unwrap();
            one.end();
            std::fs::remove_file(target).unwrap();
            assert_eq!(count(here.path()), 0, "{earlier}");
        }
    }

    #[test]
    fn a_run_that_fails_between_two_names_leaves_the_mark_and_nothing_in_it() {
        let here = tempfile::tempdir().unwrap();
        let mut one = Unfinished::begin(here.path()).unwrap();
        one.file(false).unwrap();
        one.mark().unwrap();
        drop(one);
        assert_eq!((count(here.path()), count(&here.path().join(MARK))), (1, 0));
    }
}
