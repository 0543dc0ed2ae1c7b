//! Ctrl-C: status 130, no half-written file of ours left behind, and no report that mixes two runs.

use super::{progress, unfinished};
use crate::model::lock::locked;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard};

/// The folder in which files are being made, so that an interrupt can remove it. Whoever holds it puts
/// the interrupt off.
static MADE_IN: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Catches the interrupt. Without a handler the default one ends the program too, only less tidily,
/// so a failure to set it is no error.
pub fn watch() {
    let _ = ctrlc::set_handler(|| {
        // Held to the end: nothing is begun behind the back of the tidying.
        let _still = tidy(&MADE_IN);
        progress::leave();
        std::process::exit(130);
    });
}

/// Waits for whoever gives files their names, then removes what has none yet.
///
/// Giving the names takes milliseconds. Stopped between two of them, it would leave parts of two
/// reports in one folder.
fn tidy(made_in: &Mutex<Option<PathBuf>>) -> MutexGuard<'_, Option<PathBuf>> {
    let folder = locked(made_in);
    if let Some(folder) = folder.as_deref() {
        let _ = unfinished::remove(folder);
    }
    folder
}

/// Lets an interrupt wait until the guard goes, which tells where files are made.
pub fn put_off() -> MutexGuard<'static, Option<PathBuf>> {
    locked(&MADE_IN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_interrupt_waits_for_the_names_and_then_tidies() {
        let folder = tempfile::tempdir().unwrap();
        let half = folder.path().join(".pkgtrail-x.tmp");
        std::fs::create_dir(&half).unwrap();
        std::fs::write(half.join("0"), "half").unwrap();
        let made_in = Mutex::new(Some(half.clone()));
        let naming = made_in.lock().unwrap();
        std::thread::scope(|scope| {
            let interrupt = scope.spawn(|| drop(tidy(&made_in)));
            std::thread::sleep(Duration::from_millis(100));
            assert!(half.exists() && !interrupt.is_finished());
            drop(naming);
        });
        assert!(!half.exists());
    }
}
