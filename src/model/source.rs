//! Where a fact stands: `bundle.zip!Agent.log:120`.

/// The number of an evidence file: its place among all files sorted by path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A record or line in a file. Printed as `path:line` with the help of [`crate::model::Case::cite`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceRef {
    /// The file.
    pub file: FileId,
    /// The record's first line, from 1.
    pub line: u32,
}
