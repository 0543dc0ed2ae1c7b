//! Words of the bar that is shown while evidence is read.

/// In place of the file's name when all is read.
pub const READ: &str = "all read, working";
