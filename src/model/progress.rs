//! What long work tells while it goes on. Who listens and whether anything is drawn is not its business.

/// Listens to the reading of evidence. All of it may be called from several threads.
///
/// Told per file and per block that comes from disk, never per record: listening must cost nothing.
pub trait Progress: Sync {
    /// The file `path` is read next, as it is cited; not cleaned of what could steer a terminal.
    fn file(&self, path: &str) {
        let _ = path;
    }

    /// So many more bytes of the files on disk are done; of an archive, its packed bytes.
    /// Altogether they are the size of the files, also where a part was skipped or read twice.
    fn read(&self, bytes: u64) {
        let _ = bytes;
    }
}

/// Nobody listens.
pub struct Silent;

impl Progress for Silent {}
