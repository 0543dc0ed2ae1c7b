//! What could not be used: where it stands, what is wrong with it, and what that costs the case.

use std::fmt;

/// Where a problem lies: a path as it is printed everywhere, and a line where one is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The path of the file, folder or archive member.
    pub path: String,
    /// The line, from 1.
    pub line: Option<u32>,
}

/// A defect of the evidence. Problems are data: they never stop the analysis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub defect: String,
    /// What it costs the case.
    pub cost: String,
    /// Whether evidence was lost, which makes the exit status 1 (`contract.md`).
    pub lost: bool,
}

impl Problem {
    /// A defect that is told but loses nothing that could have been used.
    pub fn note(
        path: impl Into<String>,
        line: Option<u32>,
        defect: impl Into<String>,
        cost: impl Into<String>,
    ) -> Self {
        Problem {
            place: Place {
                path: path.into(),
                line,
            },
            defect: defect.into(),
            cost: cost.into(),
            lost: false,
        }
    }

    /// A defect that lost evidence.
    pub fn loss(
        path: impl Into<String>,
        line: Option<u32>,
        defect: impl Into<String>,
        cost: impl Into<String>,
    ) -> Self {
        Problem {
            lost: true,
            ..Problem::note(path, line, defect, cost)
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}", self.path),
            None => out.write_str(&self.path),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}; {}", self.place, self.defect, self.cost)
    }
}
