//! Ctrl-C: status 130, no half-written file of ours left behind, and no report that mixes two runs.

use super::{output, progress};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where files are being written, so that an interrupt can tidy up there. Whoever holds it puts the
/// interrupt off.
static WRITING_TO: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Catches the interrupt. Without a handler the default one ends the program too, only less tidily,
/// so a failure to set it is no error.
pub fn watch() {
    let _ = ctrlc::set_handler(|| {
        // Held to the end: nothing is begun behind the back of the tidying.
        let _still = tidy(&WRITING_TO);
        progress::leave();
        std::process::exit(130);
    });
}

/// Waits for whoever gives files their names, then removes what has none yet.
///
/// Giving the names takes milliseconds. Stopped between two of them, it would leave parts of two
/// reports in one folder.
fn tidy(writing_to: &Mutex<Option<PathBuf>>) -> MutexGuard<'_, Option<PathBuf>> {
    let folder = writing_to.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = folder.as_deref() {
        output::remove_unfinished(folder);
    }
    folder
}

/// Tells where files are written from now on.
pub fn writing_to(folder: &Path) {
    *put_off() = Some(folder.to_path_buf());
}

/// Lets an interrupt wait until the guard goes.
pub fn put_off() -> MutexGuard<'static, Option<PathBuf>> {
    WRITING_TO.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_interrupt_waits_for_the_names_and_then_tidies() {
        let folder = tempfile::tempdir().unwrap();
        let half = folder.path().join(".pkgtrail-x.tmp");
        std::fs::write(&half, "half").unwrap();
        let writing_to = Mutex::new(Some(folder.path().to_path_buf()));
        let naming = writing_to.lock().unwrap();
        std::thread::scope(|scope| {
            let interrupt = scope.spawn(|| drop(tidy(&writing_to)));
            std::thread::sleep(Duration::from_millis(100));
            assert!(half.exists() && !interrupt.is_finished());
            drop(naming);
        });
        assert!(!half.exists());
    }
}
