//! Ctrl-C: status 130, and no half-written file of ours left behind.

use super::{output, progress};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Where files are being written, so that an interrupt can tidy up there.
static WRITING_TO: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Catches the interrupt. Without a handler the default one ends the program too, only less tidily,
/// so a failure to set it is no error.
pub fn watch() {
    let _ = ctrlc::set_handler(|| {
        let folder = WRITING_TO
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(folder) = folder {
            output::remove_unfinished(&folder);
        }
        progress::leave();
        std::process::exit(130);
    });
}

/// Tells where files are written from now on.
pub fn writing_to(folder: &Path) {
    *WRITING_TO.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder.to_path_buf());
}
